//! Times as CloudWatch Logs counts them, and as people read them.

use std::fmt;

/// How many milliseconds a day has.
pub(crate) const MILLISECONDS_PER_DAY: i64 = 86_400_000;

/// Milliseconds since 1970-01-01, UTC. Written as RFC 3339 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// The day that it belongs to.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(MILLISECONDS_PER_DAY))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_day = self.0.rem_euclid(MILLISECONDS_PER_DAY);
        let (seconds, milliseconds) = (of_day / 1_000, of_day % 1_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z", self.day())
    }
}

/// A day, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

/// `yyyy-mm-dd`, counted in eras of 400 years that begin on 1 March
/// ([the algorithm](https://howardhinnant.github.io/date_algorithms.html#civil_from_days)).
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0 + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = 400 * era + year_of_era + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_in_the_calendar() {
        for (timestamp, day) in [
            (-1, "1969-12-31"),
            (0, "1970-01-01"),
            (86_399_999, "1970-01-01"),
            (951_782_400_000, "2000-02-29"),
            (1_709_164_800_000, "2024-02-29"),
            (1_735_689_599_999, "2024-12-31"),
            (1_735_689_600_000, "2025-01-01"),
            (4_107_542_400_000, "2100-03-01"),
        ] {
            assert_eq!(Moment(timestamp).day().to_string(), day, "{timestamp}");
        }
    }

    #[test]
    fn moments_are_written_to_the_millisecond() {
        for (timestamp, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (1_769_817_661_007, "2026-01-31T00:01:01.007Z"),
        ] {
            assert_eq!(Moment(timestamp).to_string(), text);
        }
    }
}
