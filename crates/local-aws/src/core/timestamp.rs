//! Moments of the wall clock, written and read the way the protocols want them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds of the Unix epoch; 0 for a clock set before 1970.
pub(crate) fn epoch_seconds(at: SystemTime) -> f64 {
    let millis = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    millis as f64 / 1000.0
}

/// Whole seconds of the Unix epoch, as far as some services go.
pub(crate) fn whole_seconds(at: SystemTime) -> f64 {
    epoch_seconds(at).floor()
}

/// `2026-11-22T08:09:10.123Z`, the `iso8601` timestamp of restJson and XML answers.
pub(crate) fn iso8601(at: SystemTime) -> String {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil(since.as_secs() / 86_400);
    let second = since.as_secs() % 86_400;
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}.{:03}Z",
        second % 60,
        since.subsec_millis()
    )
}

/// `2026-11-22T08:09:10Z`: the time of an event, and all that IAM and STS tell.
pub(crate) fn iso8601_seconds(at: SystemTime) -> String {
    let mut text = iso8601(at);
    text.replace_range(text.len() - 5.., "Z");
    text
}

/// Reads `20261122T080910Z`, the form of `X-Amz-Date`.
pub(crate) fn parse_amz_date(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Reads an RFC 3339 time such as `2026-11-22T08:09:10.5Z` or one with an offset; fractions of a second count to
/// the millisecond.
pub(crate) fn parse_iso8601(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_once('T')?;
    let digits: String = date.chars().filter(|c| *c != '-').collect();
    let clock = time.get(..8)?;
    let bytes = (date.as_bytes(), clock.as_bytes());
    if bytes.0.len() != 10
        || (bytes.0[4], bytes.0[7]) != (b'-', b'-')
        || (bytes.1[2], bytes.1[5]) != (b':', b':')
    {
        return None;
    }
    let at = parse_amz_date(&format!("{digits}T{}Z", clock.replace(':', "")))?;
    let rest = &time[8..];
    let zone = rest.find(['Z', '+', '-'])?;
    let millis = match rest[..zone].strip_prefix('.') {
        Some(fraction) if !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{fraction:0<3}")[..3].parse().ok()?
        }
        None if zone == 0 => 0,
        _ => return None,
    };
    let at = at + Duration::from_millis(millis);
    match rest[zone..].split_at(1) {
        ("Z", "") => Some(at),
        (sign @ ("+" | "-"), offset) => {
            let (hours, minutes) = offset.split_once(':').filter(|_| offset.len() == 5)?;
            let seconds = hours.parse::<u64>().ok()? * 3600 + minutes.parse::<u64>().ok()? * 60;
            let offset = Duration::from_secs(seconds);
            if sign == "+" {
                at.checked_sub(offset)
            } else {
                at.checked_add(offset)
            }
        }
        _ => None,
    }
}

/// Year, month and day of a day counted from 1970-01-01 (the proleptic Gregorian calendar in 400-year eras).
fn civil(day: u64) -> (u64, u64, u64) {
    let shifted = day + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (
        era * 400 + year_of_era + u64::from(month <= 2),
        month,
        day_of_month,
    )
}

fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = year - u64::from(month <= 2);
    let year_of_era = year % 400;
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    (year / 400) * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_the_round_trip() {
        for (amz, iso) in [
            ("19700101T000000Z", "1970-01-01T00:00:00.000Z"),
            ("20000229T235959Z", "2000-02-29T23:59:59.000Z"),
            ("20261122T080910Z", "2026-11-22T08:09:10.000Z"),
            ("21000301T000000Z", "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(parse_amz_date(amz).map(iso8601).as_deref(), Some(iso));
        }
    }

    #[test]
    fn times_with_offsets_and_fractions_are_read() {
        for (text, iso) in [
            ("2026-11-22T08:09:10Z", "2026-11-22T08:09:10.000Z"),
            ("2026-11-22T08:09:10.12345Z", "2026-11-22T08:09:10.123Z"),
            ("2026-11-22T08:09:10+01:00", "2026-11-22T07:09:10.000Z"),
            ("2026-11-22T08:09:10-00:30", "2026-11-22T08:39:10.000Z"),
        ] {
            assert_eq!(parse_iso8601(text).map(iso8601).as_deref(), Some(iso), "{text}");
        }
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T08:09:10",
            "2026-11-22T08:09:10.Z",
            "2026x11-22T08:09:10Z",
        ] {
            assert_eq!(parse_iso8601(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "20261122",
            "20261322T080910Z",
            "20261122T250910Z",
            "20261122T086010Z",
            "2026-11-22T08:09:10Z",
            "ä0261122T08091Z",
        ] {
            assert_eq!(parse_amz_date(text), None, "{text}");
        }
    }
}
