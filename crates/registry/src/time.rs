//! Moments, to the second, in UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use naming::shown;

/// A moment, to the second; as text [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) in UTC, as EventBridge writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(u32);

/// Why a text is no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no time; write it as `2026-01-31T12:00:00Z`")]
pub struct TimestampError {
    /// The text as it was given, cut.
    pub given: String,
}

impl Timestamp {
    /// The moment so many seconds after 1970 began; the last one is in the year 2106.
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// The clock of this machine.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u32::try_from(since.as_secs()).unwrap_or(u32::MAX))
    }

    /// Seconds since 1970 began.
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// So much later; parts of a second count as a whole one.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        let whole = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
        Self(self.0.saturating_add(u32::try_from(whole).unwrap_or(u32::MAX)))
    }
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(given: &str) -> Result<Self, TimestampError> {
        let error = || TimestampError { given: shown(given) };
        // jiff also takes forms that are not of RFC 3339, such as a space for the `T`.
        let shape = given.len() >= 20 && given.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ".contains(&byte));
        if !shape || !given.ends_with('Z') || given.as_bytes().get(10) != Some(&b'T') {
            return Err(error());
        }
        let moment: jiff::Timestamp = given.parse().map_err(|_| error())?;
        u32::try_from(moment.as_second()).map(Self).map_err(|_| error())
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(given: String) -> Result<Self, TimestampError> {
        given.parse()
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_second(i64::from(self.0)) {
            Ok(moment) => moment.fmt(f),
            Err(_) => Err(std::fmt::Error),
        }
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parsing_undoes_writing(seconds in any::<u32>()) {
            let moment = Timestamp(seconds);
            prop_assert_eq!(moment.to_string().parse::<Timestamp>().unwrap(), moment);
        }
    }

    #[test]
    fn times_are_written_as_eventbridge_writes_them() {
        assert_eq!(Timestamp(1_769_860_800).to_string(), "2026-01-31T12:00:00Z");
        assert_eq!("2026-01-31T12:00:00.5Z".parse::<Timestamp>().unwrap().seconds(), 1_769_860_800);
        for given in [
            "",
            "yesterday",
            "2026-01-31",
            "2026-01-31 12:00:00Z",
            "2026-01-31T12:00:00+01:00",
            "1969-12-31T12:00:00Z",
            "2026-02-30T12:00:00Z",
        ] {
            assert!(given.parse::<Timestamp>().is_err(), "{given}");
        }
        assert_eq!(Timestamp(1).after(Duration::from_millis(1500)), Timestamp(3));
        assert_eq!(Timestamp(1).after(Duration::MAX), Timestamp(u32::MAX));
    }
}
