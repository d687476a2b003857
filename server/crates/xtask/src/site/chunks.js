// Takes the place of the loader's own `wrapAsyncCb`, which gives up at the first failure and takes the app with it. A
// chunk that can't be fetched is said so to the page and fetched again: when the network is back, when somebody asks
// for it, and after a while that grows to half a minute.
function wrapAsyncCb(callee) {
    return async (callbackIndex, callbackData) => {
        for (let wait = 1000; ; wait = Math.min(wait * 2, 30000)) {
            try {
                await callee();
                break;
            } catch (error) {
                console.warn(error);
                dispatchEvent(new Event('chunk-missing'));
                await new Promise((again) => {
                    const go = () => {
                        clearTimeout(timer);
                        removeEventListener('online', go);
                        removeEventListener('chunk-wanted', go);
                        again();
                    };
                    const timer = setTimeout(go, wait);
                    addEventListener('online', go);
                    addEventListener('chunk-wanted', go);
                });
            }
        }
        dispatchEvent(new Event('chunk-fetched'));
        getSharedImports().__wasm_split.__indirect_function_table.get(callbackIndex)(callbackData, true);
    }
}
