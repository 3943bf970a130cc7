//! Just enough of HTTP/1.1 over loopback to stand in for servers, and to break what they say.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// A request or a response.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    /// The first line.
    pub(crate) start: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn new(start: impl Into<String>, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { start: start.into(), headers, body: body.into() }
    }

    /// The value of a header, whose name is given in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// A word of the first line: the method and the target of a request, the status of a response.
    pub(crate) fn word(&self, index: usize) -> &str {
        self.start.split(' ').nth(index).unwrap_or_default()
    }

    /// Reads a message; nothing where the other side has closed.
    pub(crate) fn read(reader: &mut impl BufRead) -> Result<Option<Self>> {
        let mut message = Self::default();
        if reader.read_line(&mut message.start)? == 0 {
            return Ok(None);
        }
        message.start.truncate(message.start.trim_end().len());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            message.headers.push((name.to_owned(), value.trim().to_owned()));
        }
        if message.header("expect").is_some() {
            return Err(std::io::Error::other("the sender waits for `100 Continue`"));
        }
        if message.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            loop {
                let mut size = String::new();
                reader.read_line(&mut size)?;
                let size = usize::from_str_radix(size.trim(), 16).map_err(std::io::Error::other)?;
                let mut chunk = vec![0; size + 2];
                reader.read_exact(&mut chunk)?;
                message.body.extend_from_slice(&chunk[..size]);
                if size == 0 {
                    break;
                }
            }
        } else if let Some(length) = message.header("content-length") {
            message.body = vec![0; length.parse().map_err(std::io::Error::other)?];
            reader.read_exact(&mut message.body)?;
        }
        Ok(Some(message))
    }

    /// Writes a message, with the length of its body.
    pub(crate) fn write(&self, writer: &mut impl Write) -> Result<()> {
        let mut bytes = format!("{}\r\n", self.start).into_bytes();
        for (name, value) in &self.headers {
            if !["content-length", "transfer-encoding"].iter().any(|length| name.eq_ignore_ascii_case(length)) {
                bytes.extend(format!("{name}: {value}\r\n").bytes());
            }
        }
        if !["204", "304"].contains(&self.word(1)) {
            bytes.extend(format!("content-length: {}\r\n", self.body.len()).bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        writer.write_all(&bytes)
    }
}

/// Sends a request over a connection of its own.
pub(crate) fn send(to: SocketAddr, request: &Message) -> Result<Message> {
    let mut stream = TcpStream::connect(to)?;
    request.write(&mut stream)?;
    Message::read(&mut BufReader::new(stream))?.ok_or_else(|| std::io::Error::other("closed without an answer"))
}

/// Answers requests on a port of its own until the process ends; nothing as an answer closes the connection.
pub(crate) fn serve(answer: impl Fn(Message) -> Option<Message> + Send + Sync + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                let mut writer = stream.try_clone().ok()?;
                let mut reader = BufReader::new(stream);
                while let Ok(Some(request)) = Message::read(&mut reader) {
                    let head = request.word(0) == "HEAD";
                    let mut response = answer(request)?;
                    if head {
                        response.body.clear();
                    }
                    response.write(&mut writer).ok()?;
                }
                Some(())
            });
        }
    });
    address
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}
