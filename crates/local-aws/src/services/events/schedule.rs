//! Schedule expressions: which ones EventBridge takes. Nothing happens by them here.
//!
//! `rate(5 minutes)`, or `cron(…)` with minutes, hours, day of the month, month, day of the week and year ("Setting a
//! schedule pattern for scheduled rules").

pub(super) fn is_right(text: &str) -> bool {
    let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    match (inside("rate"), inside("cron")) {
        (Some(rate), _) => is_rate(rate),
        (None, Some(cron)) => is_cron(cron),
        (None, None) => false,
    }
}

fn is_rate(rate: &str) -> bool {
    let Some((count, unit)) = rate.split_once(' ') else {
        return false;
    };
    match count.parse::<u32>() {
        Ok(1) => matches!(unit, "minute" | "hour" | "day"),
        Ok(2..) => matches!(unit, "minutes" | "hours" | "days"),
        _ => false,
    }
}

/// A field: its numbers, the names that stand for them, and the signs that only it has.
struct Field {
    low: u32,
    high: u32,
    /// The first stands for `low`.
    names: &'static [&'static str],
    /// `L`, `W` and `#` behind or instead of a number.
    special: bool,
}

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fn field(low: u32, high: u32, names: &'static [&'static str], special: bool) -> Field {
    Field {
        low,
        high,
        names,
        special,
    }
}

const FIELDS: [Field; 6] = [
    field(0, 59, &[], false),
    field(0, 23, &[], false),
    field(1, 31, &[], true),
    field(1, 12, &MONTHS, false),
    field(1, 7, &DAYS, true),
    field(1970, 2199, &[], false),
];

fn is_cron(cron: &str) -> bool {
    let given: Vec<&str> = cron.split_ascii_whitespace().collect();
    let [_, _, day, _, weekday, _] = given.as_slice() else {
        return false;
    };
    // A day is said by the month or by the week, and the other one is left open.
    let one_is_open = (*day == "?") != (*weekday == "?");
    one_is_open && given.iter().zip(&FIELDS).all(|(given, field)| field.takes(given))
}

impl Field {
    fn takes(&self, given: &str) -> bool {
        (given == "?" && self.special) || given.split(',').all(|part| self.takes_part(part))
    }

    fn takes_part(&self, part: &str) -> bool {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let steps = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        let bounds = match range.split_once('-') {
            Some((low, high)) => self.number(low).is_some() && self.number(high).is_some(),
            None => range == "*" || self.number(range).is_some() || self.is_special(range),
        };
        steps && bounds
    }

    fn number(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let named = named
            .and_then(|at| u32::try_from(at).ok())
            .map(|at| at + self.low);
        let number = named.or_else(|| text.parse().ok())?;
        (self.low..=self.high).contains(&number).then_some(number)
    }

    /// `L`, `6L`, `15W`, `LW`, `SAT#3`.
    fn is_special(&self, text: &str) -> bool {
        if !self.special {
            return false;
        }
        if let Some((day, nth)) = text.split_once('#') {
            return self.number(day).is_some() && matches!(nth, "1" | "2" | "3" | "4" | "5");
        }
        let number = text.trim_end_matches(['L', 'W']);
        number.len() < text.len() && (number.is_empty() || self.number(number).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::is_right;

    #[test]
    fn schedules_are_rates_or_cron_expressions() {
        for good in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "cron(0 12 * * ? *)",
            "cron(0/30 20-23 ? * MON-FRI *)",
            "cron(5,35 14 * * ? *)",
            "cron(15 10 ? * 6L 2002-2005)",
            "cron(0 2 ? * SAT#3 *)",
            "cron(0/5 5 ? JAN 1-5 2022)",
        ] {
            assert!(is_right(good), "{good}");
        }
        for wrong in [
            "",
            "rate(0 minutes)",
            "rate(1 minutes)",
            "rate(5 minute)",
            "cron(0 12 * *)",
            "cron(0 1 * * * *)",
            "cron(71 8 1 * ? *)",
            "cron(7 20 * * NOT *)",
            "cron(0 dummy ? * MON-FRI *)",
            "at(now)",
        ] {
            assert!(!is_right(wrong), "{wrong}");
        }
    }
}
