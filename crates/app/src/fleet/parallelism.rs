//! How many stacks are worked on at once where nobody says: as many as processors and memory bear.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

/// A deployment waits for AWS for most of its time: Terraform and its provider take about ten seconds of a processor in 80.
const PER_CORE: usize = 8;

/// Memory of one Terraform with the AWS provider, in bytes: 0.8 GiB were seen, with 60 resources.
const MEMORY_OF_ONE: u64 = 1 << 30;

/// More at once only make AWS refuse calls for their number.
const MOST: usize = 32;

/// The number of stacks that this machine works on at once.
pub(crate) fn usual() -> NonZeroUsize {
    usual_of(available_parallelism().map_or(1, NonZeroUsize::get), available_memory())
}

fn usual_of(cores: usize, memory: Option<u64>) -> NonZeroUsize {
    let by_memory = memory.map_or(4, |bytes| usize::try_from(bytes / MEMORY_OF_ONE).unwrap_or(MOST));
    let number = cores.saturating_mul(PER_CORE).min(by_memory).min(MOST);
    NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN)
}

/// What Linux would give to new processes, in bytes, or what a container has in all if that is less; none where it cannot be asked.
fn available_memory() -> Option<u64> {
    let machine = available(&std::fs::read_to_string("/proc/meminfo").ok()?)?;
    let container = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    Some(container.map_or(machine, |limit: u64| limit.min(machine)))
}

/// `MemAvailable` of `/proc/meminfo`, whose unit is KiB ([proc_meminfo(5)]).
///
/// [proc_meminfo(5)]: https://man7.org/linux/man-pages/man5/proc_meminfo.5.html
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_and_memory_both_limit() {
        let gib = |number: u64| Some(number << 30);
        let cases = [
            ((2, gib(24)), 16),
            ((2, gib(3)), 3),
            ((16, gib(512)), 32),
            ((1, gib(8)), 8),
            ((8, Some(1000)), 1),
            ((8, None), 4),
        ];
        for ((cores, memory), expected) in cases {
            assert_eq!(usual_of(cores, memory).get(), expected, "{cores} cores, {memory:?}");
        }
    }

    #[test]
    fn available_memory_is_read_in_kib() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:   2097152 kB\n"), Some(2 << 30));
        for strange in ["", "MemAvailable:", "MemAvailable: many kB", "MemAvailable: 18446744073709551615 kB"] {
            assert_eq!(available(strange), None, "{strange}");
        }
    }
}
