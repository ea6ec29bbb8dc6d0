//! The wire between one worker and the server. While it is cut nothing gets through, in either direction, and nobody is
//! told; what was said meanwhile arrives once it is mended.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A wire. Its threads end with the connections on it, and the one that listens with this process.
pub(crate) struct Wire {
    /// Where the worker finds the server.
    pub(crate) address: String,
    cut: Arc<AtomicBool>,
}

impl Wire {
    /// A wire to the server at `http://HOST:PORT`.
    pub(crate) fn to(server: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let cut = Arc::new(AtomicBool::new(false));
        let (far_end, state) = (server.trim_start_matches("http://").to_owned(), cut.clone());
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if let Ok(far) = TcpStream::connect(&far_end) {
                    let _ = join(&near, &far, &state);
                }
            }
        });
        Ok(Self { address, cut })
    }

    /// Cuts it, or mends it.
    pub(crate) fn cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::Relaxed);
    }
}

fn join(near: &TcpStream, far: &TcpStream, cut: &Arc<AtomicBool>) -> io::Result<()> {
    for stream in [near, far] {
        stream.set_nodelay(true)?;
    }
    for (from, to) in [(near, far), (far, near)] {
        let (from, to, cut) = (from.try_clone()?, to.try_clone()?, cut.clone());
        std::thread::spawn(move || carry(from, to, &cut));
    }
    Ok(())
}

fn carry(mut from: TcpStream, mut to: TcpStream, cut: &AtomicBool) {
    let mut buffer = [0; 16 * 1_024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        while cut.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
        }
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
