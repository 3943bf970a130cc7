//! Values that are more than text.

use std::cmp::Ordering;
use std::net::IpAddr;

/// How two numbers compare; nothing when one of them is none.
pub(super) fn numbers(found: &str, wanted: &str) -> Option<Ordering> {
    found.parse::<f64>().ok()?.partial_cmp(&wanted.parse::<f64>().ok()?)
}

/// How two points in time compare.
pub(super) fn dates(found: &str, wanted: &str) -> Option<Ordering> {
    Some(seconds(found)?.cmp(&seconds(wanted)?))
}

/// Seconds since 1970, from those seconds or from a date, with or without a time of day.
fn seconds(text: &str) -> Option<i64> {
    if let Ok(epoch) = text.parse::<i64>() {
        return Some(epoch);
    }
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next().unwrap_or(Some(1))?, date.next().unwrap_or(Some(1))?);
    let (time, east) = match time.strip_suffix('Z') {
        Some(time) => (time, 0),
        None => {
            let at = time.rfind(['+', '-'])?;
            let (hours, minutes) = time[at + 1..].split_once(':')?;
            let offset = hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60;
            (&time[..at], if time[at..].starts_with('+') { offset } else { -offset })
        }
    };
    let mut time = time.split(':').map(|part| part.parse::<f64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next().unwrap_or(Some(0.0))?);
    Some(days(year, month, day) * 86_400 + (hour * 3600.0 + minute * 60.0 + second) as i64 - east)
}

/// Days since 1970.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let february = if leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: i64 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let months: i64 = lengths.iter().take(usize::try_from(month - 1).expect("a month")).sum();
    years + months + day - 1
}

/// Whether an address is in a block, or is the one that stands without a prefix.
pub(super) fn in_block(found: &str, wanted: &str) -> bool {
    let (block, prefix) = match wanted.split_once('/') {
        Some((block, prefix)) => (block, prefix.parse::<u32>().ok()),
        None => (wanted, Some(128)),
    };
    match (found.parse(), block.parse(), prefix) {
        (Ok(IpAddr::V4(found)), Ok(IpAddr::V4(block)), Some(prefix)) => {
            same(u128::from(u32::from(found)), u128::from(u32::from(block)), 32, prefix)
        }
        (Ok(IpAddr::V6(found)), Ok(IpAddr::V6(block)), Some(prefix)) => same(found.into(), block.into(), 128, prefix),
        _ => false,
    }
}

/// Whether two numbers of this many bits begin alike.
fn same(a: u128, b: u128, bits: u32, prefix: u32) -> bool {
    let behind = bits - prefix.min(bits);
    behind == 128 || a >> behind == b >> behind
}
