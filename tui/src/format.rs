//! Numbers, rates, dates and spans of time, as people read them.

use jiff::{SignedDuration, Timestamp};

/// `1,234,567`.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `950 records/s`, `85k records/s`, `1.2M records/s`.
pub(crate) fn rate(records: u64) -> String {
    match records {
        ..10_000 => format!("{} records/s", number(records)),
        10_000..1_000_000 => format!("{}k records/s", records / 1_000),
        _ => format!("{}.{}M records/s", number(records / 1_000_000), records / 100_000 % 10),
    }
}

/// `2026-11-24 02:03:04`, in UTC.
pub(crate) fn date_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `42 s`, `5 min`, `3 h`, `2 d`.
pub(crate) fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// `0.4 s`, `12 s`, `40 ms`.
pub(crate) fn duration(took: SignedDuration) -> String {
    match took.as_millis() {
        millis @ ..100 => format!("{millis} ms"),
        ..10_000 => format!("{:.1} s", took.as_secs_f64()),
        _ => format!("{} s", took.as_secs()),
    }
}

/// `just now`, `3 min ago`, `2 h ago`: in minutes, since nothing wakes the console to show a new age.
pub(crate) fn age(age: SignedDuration) -> String {
    match age.as_mins() {
        ..1 => "just now".to_owned(),
        minutes @ 1..120 => format!("{minutes} min ago"),
        minutes => format!("{} h ago", minutes / 60),
    }
}
