//! A door before a server: what happens to those who talk to it when the network is lost.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Passes connections on to a server while it is open.
pub(super) struct Door {
    pub(super) address: SocketAddr,
    open: Arc<AtomicBool>,
    passing: Arc<Mutex<Vec<TcpStream>>>,
    held: Arc<Held>,
}

/// What is answered to nobody.
#[derive(Default)]
struct Held {
    /// What such a request contains.
    request: Mutex<Option<String>>,
    /// Whether there was one.
    came: AtomicBool,
}

impl Held {
    fn is_on(&self) -> bool {
        self.request.lock().unwrap().is_some()
    }

    fn is(&self, bytes: &[u8]) -> bool {
        let request = self.request.lock().unwrap();
        let is = request.as_ref().is_some_and(|it| bytes.windows(it.len()).any(|part| part == it.as_bytes()));
        self.came.fetch_or(is, Ordering::SeqCst);
        is
    }
}

impl Door {
    pub(super) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (open, passing) = (Arc::new(AtomicBool::new(true)), Arc::<Mutex<Vec<TcpStream>>>::default());
        let held = Arc::<Held>::default();
        let (is_open, passed, holds) = (Arc::clone(&open), Arc::clone(&passing), Arc::clone(&held));
        std::thread::spawn(move || {
            let mut listening = Some(listener);
            loop {
                // Nobody listens while it is shut, so that connections are refused.
                match (&listening, is_open.load(Ordering::SeqCst)) {
                    (Some(listener), true) => match accept(listener) {
                        Some(client) => pass(client, server, &passed, &is_open, &holds),
                        None => std::thread::sleep(Duration::from_millis(5)),
                    },
                    (None, true) => listening = TcpListener::bind(address).ok(),
                    (_, false) => {
                        listening = None;
                        std::thread::sleep(Duration::from_millis(20));
                    }
                }
            }
        });
        Self { address, open, passing, held }
    }

    pub(super) fn shut(&self) {
        self.open.store(false, Ordering::SeqCst);
        for stream in std::mem::take(&mut *self.passing.lock().unwrap()) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub(super) fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }

    /// Passes requests that contain this on and keeps the answers, until it is told otherwise. Then the connections of those who wait are
    /// closed.
    pub(super) fn hold(&self, request: Option<&str>) {
        self.held.came.store(false, Ordering::SeqCst);
        *self.held.request.lock().unwrap() = request.map(str::to_owned);
    }

    /// Whether an answer is kept.
    pub(super) fn holds(&self) -> bool {
        self.held.came.load(Ordering::SeqCst)
    }
}

fn accept(listener: &TcpListener) -> Option<TcpStream> {
    listener.set_nonblocking(true).ok()?;
    let (client, _) = listener.accept().ok()?;
    client.set_nonblocking(false).ok()?;
    Some(client)
}

/// Passes on what both sides say until one of them has ended.
fn pass(client: TcpStream, server: SocketAddr, passed: &Mutex<Vec<TcpStream>>, open: &AtomicBool, held: &Arc<Held>) {
    let Ok(server) = TcpStream::connect(server) else { return };
    let Ok(copies) = [&client, &server].into_iter().map(TcpStream::try_clone).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let Ok(backward) = [&server, &client].into_iter().map(TcpStream::try_clone).collect::<Result<Vec<_>, _>>() else {
        return;
    };
    {
        let mut passed = passed.lock().unwrap();
        passed.retain(|stream| stream.peer_addr().is_ok());
        passed.push(client);
        passed.push(server);
        // Under the lock: it was shut before these were there to be cut, or it will find them.
        if !open.load(Ordering::SeqCst) {
            return passed.iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
        }
    }
    let mute = Arc::new(AtomicBool::new(false));
    for (pair, is_asking) in [(copies, true), (backward, false)] {
        let (held, mute) = (Arc::clone(held), Arc::clone(&mute));
        std::thread::spawn(move || {
            let [mut from, mut to] = <[TcpStream; 2]>::try_from(pair).expect("a pair");
            let mut bytes = [0; 16 << 10];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                if is_asking && held.is(&bytes[..count]) {
                    mute.store(true, Ordering::SeqCst);
                }
                if (is_asking || !mute.load(Ordering::SeqCst)) && to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            // Whoever asks goes on waiting; one whose connection is closed asks again.
            while !is_asking && mute.load(Ordering::SeqCst) && held.is_on() {
                std::thread::sleep(Duration::from_millis(50));
            }
            // Both at once: neither emulator answers on half of a connection.
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}
