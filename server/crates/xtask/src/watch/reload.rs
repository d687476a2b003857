//! Tells open pages to reload, in the words of Leptos' own script (`AutoReload`).

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use tungstenite::{Message, WebSocket};

/// More open pages than anybody has; the oldest is let go.
const MOST: usize = 64;
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

type Pages = Arc<Mutex<Vec<WebSocket<TcpStream>>>>;

/// The pages that wait for a reload.
#[derive(Debug)]
pub(crate) struct Reloader {
    pages: Pages,
}

impl Reloader {
    /// Takes pages in from now on.
    pub(crate) fn listen(addr: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(addr).with_context(|| {
            format!("can't listen on {addr}, where pages wait for a reload: does another run hold it?")
        })?;
        let pages = Pages::default();
        let taken = Arc::clone(&pages);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let taken = Arc::clone(&taken);
                // A page that never finishes its greeting must not keep the next one waiting.
                std::thread::spawn(move || drop(greet(stream, &taken)));
            }
        });
        Ok(Self { pages })
    }

    /// Reloads every open page. Each comes back by itself.
    pub(crate) fn reload(&self) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        for mut page in pages.drain(..) {
            // A page that is gone needs no reload.
            drop(page.send(Message::text(r#"{"all":true}"#)));
            drop(page.close(None));
        }
    }
}

fn greet(stream: TcpStream, pages: &Pages) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    let page = tungstenite::accept(stream).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut pages = pages.lock().unwrap_or_else(PoisonError::into_inner);
    if pages.len() >= MOST {
        drop(pages.remove(0));
    }
    pages.push(page);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_page_is_told() {
        let addr = crate::server::free_address().unwrap();
        let reloader = Reloader::listen(addr).unwrap();
        let stream = TcpStream::connect(addr).unwrap();
        let (mut page, _) = tungstenite::client(format!("ws://{addr}/live_reload"), stream).unwrap();
        while reloader.pages.lock().unwrap().is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        reloader.reload();
        assert_eq!(page.read().unwrap().into_text().unwrap().as_str(), r#"{"all":true}"#);
    }
}
