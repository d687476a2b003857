//! Compressed twins beside the plain files: the server sends them as they lie there.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context as _, anyhow};
use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Below this a twin saves nothing worth a file.
const SMALLEST: u64 = 512;
const BUFFER: usize = 64 * 1024;
const BEST: u32 = 11;
const WINDOW: u32 = 22;

/// Compresses every file of the site that shrinks, on all processors.
pub(crate) fn compress(site: &Path) -> anyhow::Result<()> {
    let files: Vec<PathBuf> =
        super::hash::files(site)?.into_iter().filter(|file| is_worth_it(file)).collect();
    let next = AtomicUsize::new(0);
    let work = || -> anyhow::Result<()> {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            twins(file).with_context(|| file.display().to_string())?;
        }
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| anyhow!("a compressor panicked"))?)
    })
}

fn is_worth_it(file: &Path) -> bool {
    let kind = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    matches!(kind, "wasm" | "js" | "css" | "svg" | "json" | "html" | "txt" | "webmanifest")
        && fs::metadata(file).is_ok_and(|data| data.len() >= SMALLEST)
}

fn twins(file: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(file)?;
    let mut brotli = CompressorWriter::new(File::create(twin(file, "br"))?, BUFFER, BEST, WINDOW);
    brotli.write_all(&bytes)?;
    brotli.flush()?;
    let mut gzip = GzEncoder::new(File::create(twin(file, "gz"))?, Compression::best());
    gzip.write_all(&bytes)?;
    gzip.finish()?;
    Ok(())
}

/// The path of the twin: `main.js.br`.
pub(crate) fn twin(file: &Path, kind: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn twins_hold_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("main.js");
        let text = "let a = 1;\n".repeat(500);
        fs::write(&file, &text).unwrap();
        fs::write(folder.path().join("photo.png"), &text).unwrap();
        compress(folder.path()).unwrap();

        let mut plain = String::new();
        let packed = File::open(twin(&file, "br")).unwrap();
        brotli::Decompressor::new(packed, BUFFER).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, text);
        plain.clear();
        flate2::read::GzDecoder::new(File::open(twin(&file, "gz")).unwrap())
            .read_to_string(&mut plain)
            .unwrap();
        assert_eq!(plain, text);
        assert!(!folder.path().join("photo.png.br").exists());
    }
}
