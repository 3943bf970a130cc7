//! The dates that conditions compare: ISO 8601, or seconds since 1970.

/// Seconds since 1970-01-01T00:00:00Z.
pub(crate) fn instant(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>()
        && !text.contains('-')
    {
        return seconds.is_finite().then_some(seconds);
    }
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00:00Z"));
    let mut date = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (clock, offset) = zone(time)?;
    let mut clock = clock.splitn(3, ':').map(str::parse::<f64>);
    let (hour, minute) = (clock.next()?.ok()?, clock.next()?.ok()?);
    let second = clock.next().unwrap_or(Ok(0.0)).ok()?;
    let seconds = days(year, month, day) as f64 * 86_400.0 + hour * 3_600.0 + minute * 60.0 + second;
    Some(seconds - offset)
}

/// The time of day, and how many seconds its zone is ahead of UTC.
fn zone(time: &str) -> Option<(&str, f64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0.0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0.0)) };
    let (clock, zone) = time.split_at_checked(at)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let ahead = hours.parse::<f64>().ok()? * 3_600.0 + minutes.parse::<f64>().ok()? * 60.0;
    Some((clock, if zone.starts_with('-') { -ahead } else { ahead }))
}

/// Days since 1970-01-01 in the Gregorian calendar ([derivation](https://howardhinnant.github.io/date_algorithms.html#days_from_civil)).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds_since_1970() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0.0)),
            ("2000-02-29T12:00:00Z", Some(951_825_600.0)),
            ("2020-04-01", Some(1_585_699_200.0)),
            ("2020-04-01T02:00:00+02:00", Some(1_585_699_200.0)),
            ("2020-03-31T19:00-05:00", Some(1_585_699_200.0)),
            ("1585699200", Some(1_585_699_200.0)),
            ("tomorrow", None),
            ("2020-13-01", None),
        ] {
            assert_eq!(instant(text), seconds, "{text}");
        }
    }
}
