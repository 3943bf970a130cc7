//! A door before a server: what happens to those who talk to it when the network is lost.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Passes connections on to a server while it is open.
pub(super) struct Door {
    pub(super) address: SocketAddr,
    open: Arc<AtomicBool>,
    passing: Arc<Mutex<Vec<TcpStream>>>,
}

impl Door {
    pub(super) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (open, passing) = (Arc::new(AtomicBool::new(true)), Arc::<Mutex<Vec<TcpStream>>>::default());
        let (is_open, passed) = (Arc::clone(&open), Arc::clone(&passing));
        std::thread::spawn(move || {
            let mut listening = Some(listener);
            loop {
                // Nobody listens while it is shut, so that connections are refused.
                match (&listening, is_open.load(Ordering::SeqCst)) {
                    (Some(listener), true) => match accept(listener) {
                        Some(client) => pass(client, server, &passed, &is_open),
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
        Self { address, open, passing }
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
}

fn accept(listener: &TcpListener) -> Option<TcpStream> {
    listener.set_nonblocking(true).ok()?;
    let (client, _) = listener.accept().ok()?;
    client.set_nonblocking(false).ok()?;
    Some(client)
}

/// Passes on what both sides say until one of them has ended.
fn pass(client: TcpStream, server: SocketAddr, passed: &Mutex<Vec<TcpStream>>, open: &AtomicBool) {
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
    for pair in [copies, backward] {
        std::thread::spawn(move || {
            let [mut from, mut to] = <[TcpStream; 2]>::try_from(pair).expect("a pair");
            let _ = std::io::copy(&mut from, &mut to);
            // Both at once: neither emulator answers on half of a connection.
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}
