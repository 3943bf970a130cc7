//! Which addresses a tenant gets.

use ipnet::Ipv4Net;

/// The supernet of the fleet and the size of one tenant's block in it: by default `10.0.0.0/8` and `/16`, so that the tenant with
/// index n gets `10.n.0.0/16` and 256 tenants fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkPlan {
    supernet: Ipv4Net,
    prefix_length: u8,
}

/// The place of a tenant's block in the [`NetworkPlan`]; explicit per tenant, so that no other tenant's change moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct NetworkIndex(u32);

/// Why a supernet and a block size make no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkPlanError {
    /// The supernet has bits set behind its prefix.
    #[error("supernet `{supernet}` has host bits set; did you mean `{}`?", supernet.trunc())]
    HostBits {
        /// The supernet as it was given.
        supernet: Ipv4Net,
    },
    /// The supernet is not one of the private ranges.
    #[error(
        "supernet `{supernet}` is not private; use a part of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10"
    )]
    NotPrivate {
        /// The supernet as it was given.
        supernet: Ipv4Net,
    },
    /// A block that AWS does not take, or whose subnets it would not take.
    #[error(
        "prefix_length {prefix_length} is outside {} to {}: a VPC has at most /16, and its subnets, four bits smaller, at least /28",
        NetworkPlan::LARGEST_BLOCK,
        NetworkPlan::SMALLEST_BLOCK
    )]
    BlockSize {
        /// The prefix length as it was given.
        prefix_length: u8,
    },
    /// Blocks larger than the supernet.
    #[error("prefix_length {prefix_length} is larger than the whole supernet `{supernet}`; give at least {}", supernet.prefix_len())]
    BlockTooLarge {
        /// The supernet as it was given.
        supernet: Ipv4Net,
        /// The prefix length as it was given.
        prefix_length: u8,
    },
}

/// An index for which the plan has no block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "network_index {index} is outside the network plan: {supernet} in blocks of /{prefix_length} has the indices 0 to {last}; \
     give a free index{}", larger(*supernet, *index)
)]
pub struct OutsidePlanError {
    index: u64,
    supernet: Ipv4Net,
    prefix_length: u8,
    last: u32,
}

/// The prefix length with which an index would fit, where there is one.
fn larger(supernet: Ipv4Net, index: u64) -> String {
    let bits = u64::BITS - index.leading_zeros();
    let needed = u32::from(supernet.prefix_len()).saturating_add(bits).max(u32::from(NetworkPlan::LARGEST_BLOCK));
    if needed > u32::from(NetworkPlan::SMALLEST_BLOCK) {
        return String::new();
    }
    format!(", or set network.prefix_length to {needed} or more for a larger fleet")
}

/// The private ranges of [RFC 1918](https://www.rfc-editor.org/rfc/rfc1918) and the shared space of
/// [RFC 6598](https://www.rfc-editor.org/rfc/rfc6598), which AWS also accepts for a VPC.
const PRIVATE: [Ipv4Net; 4] = [
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(192, 168, 0, 0), 16),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(100, 64, 0, 0), 10),
];

impl NetworkPlan {
    /// The prefix length of the largest VPC that AWS takes
    /// ([VPC sizing](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html)).
    pub const LARGEST_BLOCK: u8 = 16;
    /// The smallest block whose subnets, four bits smaller, are still at AWS's minimum of /28.
    pub const SMALLEST_BLOCK: u8 = 24;
    /// Every private range: what a tenant's network ACL denies beside its own block.
    pub const PRIVATE_RANGES: [Ipv4Net; 4] = PRIVATE;

    /// A plan of blocks of `/prefix_length` in `supernet`.
    ///
    /// # Errors
    /// When AWS or the plan itself has no use for the pair; see [`NetworkPlanError`].
    pub fn new(supernet: Ipv4Net, prefix_length: u8) -> Result<Self, NetworkPlanError> {
        if supernet.trunc() != supernet {
            return Err(NetworkPlanError::HostBits { supernet });
        }
        if !PRIVATE.iter().any(|private| private.contains(&supernet)) {
            return Err(NetworkPlanError::NotPrivate { supernet });
        }
        if !(Self::LARGEST_BLOCK..=Self::SMALLEST_BLOCK).contains(&prefix_length) {
            return Err(NetworkPlanError::BlockSize { prefix_length });
        }
        if prefix_length < supernet.prefix_len() {
            return Err(NetworkPlanError::BlockTooLarge { supernet, prefix_length });
        }
        Ok(Self { supernet, prefix_length })
    }

    /// The index with this number.
    ///
    /// # Errors
    /// When the plan has no such block.
    pub fn index(&self, number: u64) -> Result<NetworkIndex, OutsidePlanError> {
        match u32::try_from(number) {
            Ok(index) if number < self.capacity() => Ok(NetworkIndex(index)),
            _ => Err(OutsidePlanError {
                index: number,
                supernet: self.supernet,
                prefix_length: self.prefix_length,
                last: u32::try_from(self.capacity() - 1).unwrap_or(u32::MAX),
            }),
        }
    }

    /// How many tenants fit.
    pub fn capacity(&self) -> u64 {
        1 << (self.prefix_length - self.supernet.prefix_len())
    }

    /// The supernet of the whole fleet.
    pub fn supernet(&self) -> Ipv4Net {
        self.supernet
    }

    /// The prefix length of one tenant's block.
    pub fn prefix_length(&self) -> u8 {
        self.prefix_length
    }

    /// The block at an index of this plan. (An index of another plan gives an address of that plan's size, never a panic.)
    pub fn block(&self, index: NetworkIndex) -> Ipv4Net {
        let size = 1_u32 << (32 - self.prefix_length);
        let address = u32::from(self.supernet.network()).wrapping_add(index.0.wrapping_mul(size));
        Ipv4Net::new_assert(address.into(), self.prefix_length)
    }
}

impl Default for NetworkPlan {
    fn default() -> Self {
        let [ten, ..] = PRIVATE;
        Self { supernet: ten, prefix_length: Self::LARGEST_BLOCK }
    }
}

impl NetworkIndex {
    /// The index as a number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for NetworkIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// "non-overlapping, starting at 10.0.0.0/16, one /16 further per tenant"
    #[test]
    fn the_default_plan_starts_at_10_0_0_0_16_and_goes_one_16_further_per_tenant() {
        let plan = NetworkPlan::default();
        let blocks: Vec<String> =
            [0, 1, 2, 255].map(|n| plan.block(plan.index(n).unwrap()).to_string()).into_iter().collect();
        assert_eq!(blocks, ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "10.255.0.0/16"]);
        assert_eq!(
            plan.index(256).unwrap_err().to_string(),
            "network_index 256 is outside the network plan: 10.0.0.0/8 in blocks of /16 has the indices 0 to 255; give a free index, \
             or set network.prefix_length to 17 or more for a larger fleet"
        );
    }

    #[test]
    fn plans_that_aws_would_refuse_are_refused() {
        let plan = |net: &str, length| NetworkPlan::new(net.parse().unwrap(), length).unwrap_err().to_string();
        assert!(plan("10.1.0.0/8", 16).contains("did you mean `10.0.0.0/8`?"));
        assert!(plan("8.0.0.0/8", 16).contains("is not private"));
        assert!(plan("10.0.0.0/8", 12).contains("is outside 16 to 24"));
        assert!(plan("10.0.0.0/8", 25).contains("is outside 16 to 24"));
        assert!(plan("10.0.0.0/20", 16).contains("larger than the whole supernet"));
    }

    fn plans() -> impl Strategy<Value = NetworkPlan> {
        (0_usize..4, 8_u8..=24, any::<u32>(), 16_u8..=24).prop_filter_map(
            "no plan",
            |(range, length, address, block)| {
                let supernet = Ipv4Net::new(address.into(), length.max(PRIVATE[range].prefix_len())).ok()?;
                let inside = u32::from(PRIVATE[range].network())
                    | (u32::from(supernet.addr()) & u32::from(PRIVATE[range].hostmask()));
                NetworkPlan::new(Ipv4Net::new(inside.into(), supernet.prefix_len()).ok()?.trunc(), block).ok()
            },
        )
    }

    proptest! {
        #[test]
        fn blocks_of_any_plan_are_disjoint_and_inside_it(plan in plans(), a in any::<u64>(), b in any::<u64>()) {
            let a = plan.index(a % plan.capacity()).unwrap();
            let b = plan.index(b % plan.capacity()).unwrap();
            let (block, other) = (plan.block(a), plan.block(b));
            prop_assert!(plan.supernet().contains(&block));
            if a != b {
                prop_assert!(!block.contains(&other) && !other.contains(&block), "{} and {}", block, other);
            }
        }
    }
}
