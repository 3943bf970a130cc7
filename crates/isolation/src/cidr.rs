//! Sets of addresses, exactly.

use ipnet::Ipv4Net;

/// The private ranges ([RFC 1918](https://www.rfc-editor.org/rfc/rfc1918), [RFC 6598](https://www.rfc-editor.org/rfc/rfc6598)): where
/// another tenant can be.
pub(crate) const PRIVATE: [Ipv4Net; 4] = [
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(100, 64, 0, 0), 10),
];

/// What two networks share: one lies in the other, or nothing.
pub(crate) fn common(a: Ipv4Net, b: Ipv4Net) -> Option<Ipv4Net> {
    if a.contains(&b) {
        Some(b)
    } else if b.contains(&a) {
        Some(a)
    } else {
        None
    }
}

/// What is left of a network without the holes.
pub(crate) fn without(net: Ipv4Net, holes: &[Ipv4Net]) -> Vec<Ipv4Net> {
    let mut left = vec![net.trunc()];
    for hole in holes {
        left = left.into_iter().flat_map(|part| minus(part, *hole)).collect();
    }
    left
}

fn minus(net: Ipv4Net, hole: Ipv4Net) -> Vec<Ipv4Net> {
    match common(net, hole) {
        None => vec![net],
        Some(shared) if shared == net => Vec::new(),
        Some(shared) => {
            // Halve until the hole is all that is left; the other halves stay.
            let mut left = Vec::new();
            let mut around = net;
            while around != shared {
                let Ok(halves) = around.subnets(around.prefix_len() + 1) else { break };
                let (inside, outside): (Vec<_>, Vec<_>) = halves.partition(|half| half.contains(&shared));
                left.extend(outside);
                match inside.first() {
                    Some(half) => around = *half,
                    None => break,
                }
            }
            left
        }
    }
}

/// The private addresses of a network that are not the tenant's own.
pub(crate) fn foreign(net: Ipv4Net, own: Ipv4Net) -> Vec<Ipv4Net> {
    PRIVATE.into_iter().filter_map(|range| common(range, net)).flat_map(|part| without(part, &[own])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_cut_out_exactly() {
        let net: Ipv4Net = "10.0.0.0/8".parse().unwrap();
        let left = without(net, &["10.3.0.0/16".parse().unwrap()]);
        assert_eq!(left.len(), 8);
        let addresses: u64 = left.iter().map(|part| 1_u64 << (32 - part.prefix_len())).sum();
        assert_eq!(addresses, (1 << 24) - (1 << 16));
        assert!(left.iter().all(|part| !part.contains(&"10.3.0.0".parse::<std::net::Ipv4Addr>().unwrap())));
    }

    #[test]
    fn nothing_is_left_of_a_network_inside_the_hole() {
        assert!(without("10.3.4.0/24".parse().unwrap(), &["10.3.0.0/16".parse().unwrap()]).is_empty());
    }

    #[test]
    fn public_addresses_are_nobodys() {
        assert!(foreign("52.0.0.0/8".parse().unwrap(), "10.0.0.0/16".parse().unwrap()).is_empty());
        assert!(!foreign("0.0.0.0/0".parse().unwrap(), "10.0.0.0/16".parse().unwrap()).is_empty());
    }
}
