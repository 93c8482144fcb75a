//! The listing, for people and for programs.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format as TimeFormat;
use serde_json::{Value, json};

use super::arguments::Format;
use super::inventory::{Object, Place};
use super::verdict::{Holding, Verdict};

/// What is left over and what is kept.
pub fn show(format: Format, place: &Place, holdings: &[Holding]) -> String {
    match format {
        Format::Table => table(place, holdings, SystemTime::now()),
        Format::Json => json(place, holdings),
    }
}

fn table(place: &Place, holdings: &[Holding], now: SystemTime) -> String {
    let of = |wanted: fn(&Holding) -> bool| holdings.iter().filter(move |holding| wanted(holding));
    let left: Vec<_> = of(Holding::is_left_over).collect();
    let kept: Vec<_> = of(|holding| matches!(holding.verdict, Verdict::Kept(_))).collect();
    let recorded = of(|holding| holding.verdict == Verdict::Recorded).count();
    let Place { account, region } = place;
    let mut text = String::new();
    if left.is_empty() {
        let _ = writeln!(text, "Nothing is left over in account {account}, {region}.");
    } else {
        let _ = writeln!(text, "Left over in account {account}, {region}:\n");
        let rows = left
            .iter()
            .flat_map(|holding| holding.objects.iter().map(|object| row(holding, object, now)));
        rows_to(&mut text, rows.collect());
        let _ = writeln!(
            text,
            "\nTo go on with one, apply its configuration again. To be rid of them: leftovers --remove"
        );
    }
    if !kept.is_empty() {
        let _ = writeln!(text, "\nUnfinished, and kept:\n");
        for holding in kept {
            if let Verdict::Kept(why) = &holding.verdict {
                let _ = writeln!(text, "  {holding}: {why}.");
            }
        }
    }
    if recorded > 0 {
        let _ = writeln!(text, "\n{recorded} more bear no mark: states record them.");
    }
    text
}

fn row(holding: &Holding, object: &Object, now: SystemTime) -> [String; 5] {
    let age = object
        .created
        .map(|at| now.duration_since(at).unwrap_or_default());
    [
        holding.to_string(),
        object.kind.name.to_owned(),
        object.name.clone(),
        object.id.clone(),
        age.map_or_else(|| "unknown".to_owned(), in_words),
    ]
}

fn rows_to(text: &mut String, mut rows: Vec<[String; 5]>) {
    rows.insert(0, ["RESOURCE", "KIND", "NAME", "ID", "AGE"].map(str::to_owned));
    let widths: [usize; 5] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or_default());
    for row in rows {
        let cells = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "  {}", line.trim_end());
    }
}

/// The largest unit that fits: `3d`, `5h`, `12m`, `40s`.
fn in_words(age: Duration) -> String {
    let seconds = age.as_secs();
    let units = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m")];
    let fits = units.into_iter().find(|(unit, _)| seconds >= *unit);
    fits.map_or_else(
        || format!("{seconds}s"),
        |(unit, letter)| format!("{}{letter}", seconds / unit),
    )
}

fn json(place: &Place, holdings: &[Holding]) -> String {
    let listed = holdings.iter().map(|holding| {
        let (verdict, why) = match &holding.verdict {
            Verdict::LeftOver => ("left_over", None),
            Verdict::Recorded => (
                "recorded",
                Some("nothing of it bears the mark of a create that has not ended"),
            ),
            Verdict::Kept(why) => ("kept", Some(why.as_str())),
        };
        json!({
            "resource": holding.resource(),
            "name": holding.holder.name(),
            "holder": holding.holder.value,
            "verdict": verdict,
            "why": why,
            "newest": holding.newest.map(timestamp),
            "objects": holding.objects.iter().map(object).collect::<Vec<_>>(),
        })
    });
    let all = json!({
        "account_id": place.account,
        "region": place.region,
        "holders": listed.collect::<Vec<_>>(),
    });
    format!("{all:#}")
}

fn object(object: &Object) -> Value {
    json!({
        "type": object.kind.key,
        "id": object.id,
        "name": object.name,
        "created": object.created.map(timestamp),
    })
}

fn timestamp(at: SystemTime) -> Option<String> {
    DateTime::from(at).fmt(TimeFormat::DateTime).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let words = [0, 59, 60, 3599, 3600, 86_399, 86_400, 864_000]
            .map(|seconds| in_words(Duration::from_secs(seconds)));
        assert_eq!(words, ["0s", "59s", "1m", "59m", "1h", "23h", "1d", "10d"]);
    }

    #[test]
    fn columns_stand_below_each_other() {
        let mut text = String::new();
        let row = |name: &str| [name, "security group", "n", "sg-1", "5h"].map(str::to_owned);
        rows_to(&mut text, vec![row("short"), row("much longer")]);
        let columns: Vec<_> = text
            .lines()
            .map(|line| line.find("security group").or(line.find("KIND")))
            .collect();
        assert_eq!(columns, [Some(15); 3], "{text}");
    }
}
