//! How long a stack pauses after a transient failure.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);
/// Not sooner: what just failed fails again.
const SHORTEST: Duration = Duration::from_millis(200);

/// The pause after so many attempts: up to 2 s, doubled each time up to 60 s, with full jitter, so that stacks that failed together do not
/// come back together.
pub(super) fn pause(attempts: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
    let most = FIRST.saturating_mul(doubled).min(LONGEST);
    most.mul_f64(fastrand::f64()).max(SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_minute_and_differ() {
        for (attempts, most) in [(1, 2), (2, 4), (3, 8), (6, 60), (40, 60), (u32::MAX, 60)] {
            let pauses: Vec<_> = (0..200).map(|_| pause(attempts)).collect();
            let longest = pauses.iter().max().unwrap();
            assert!(*longest <= Duration::from_secs(most), "{attempts}: {longest:?}");
            assert!(longest.as_secs_f64() > most as f64 * 0.8, "{attempts}: {longest:?}");
            assert!(*pauses.iter().min().unwrap() < Duration::from_secs(most).mul_f64(0.2).max(SHORTEST * 2));
        }
    }
}
