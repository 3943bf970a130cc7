//! The address of an endpoint.

use std::fmt;

use super::EndpointError;

/// An address such as `http://127.0.0.1:4566`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address(String);

impl Address {
    pub(super) fn parse(given: &str) -> Result<Self, EndpointError> {
        match check(given) {
            Ok(()) => Ok(Self(given.trim_end_matches('/').to_owned())),
            Err(reason) => Err(EndpointError::Url { given: given.to_owned(), reason }),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the AWS SDK takes for the address of a service: scheme, host, perhaps a port and a path
/// ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-3)). Neither user nor query: they would be lost or shown.
fn check(given: &str) -> Result<(), &'static str> {
    let rest = given.strip_prefix("http://").or_else(|| given.strip_prefix("https://"));
    let rest = rest.ok_or("it does not start with `http://` or `https://`")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err("it holds a user name, which endpoints do not have");
    }
    if given.contains(['?', '#']) {
        return Err("it holds a query or a fragment, which endpoints do not have");
    }
    let in_brackets = authority.starts_with('[');
    let end = if in_brackets { authority.find(']').map(|at| at + 1) } else { authority.find(':') };
    let (host, port) = authority.split_at(end.unwrap_or(authority.len()));
    let host_is_right = if in_brackets {
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
    } else {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    if !host_is_right {
        return Err("it names no host");
    }
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0)) {
        return Err("its port is not a number from 1 to 65535");
    }
    if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._~-%".contains(&byte)) {
        return Err("its path holds a character that has to be written as `%` and its code");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        for right in [
            "http://127.0.0.1:4566",
            "https://emulator.example",
            "http://[::1]:4566/aws",
            "http://localhost/",
            "http://aws_emulator:1",
        ] {
            let address = Address::parse(right).unwrap();
            assert_eq!(address.as_str(), right.trim_end_matches('/'));
        }
        for wrong in [
            "",
            "localhost:4566",
            "ftp://localhost",
            "http://",
            "http://:80",
            "http://a:0",
            "http://a:65536",
            "http://a:",
            "http://[::1",
            "http://[host]",
            "http://user:secret@host",
            "http://host?x=1",
            "http://host/${a}",
            "http://ho st",
            "http://host/%{if}",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
