//! Names of Regions.

/// What a name of a Region looks like, in every partition: `eu-central-1`, `us-gov-west-1`, `eusc-de-east-1`.
pub const PATTERN: &str = r"^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$";

/// The Regions of every partition that the AWS SDKs know. A name that is not here is
/// more often misspelt than new.
const KNOWN: [&str; 46] = [
    // aws
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    // aws-cn, aws-us-gov, aws-eusc
    "cn-north-1",
    "cn-northwest-1",
    "us-gov-east-1",
    "us-gov-west-1",
    "eusc-de-east-1",
    // aws-iso and its like
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "eu-isoe-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
];

/// Whether a Region of that name is known.
pub fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// The known Region whose name is nearest to `name`: what was meant, if it is misspelt.
fn nearest(name: &str) -> Option<&'static str> {
    let near = KNOWN.iter().map(|known| (distance(name, known), *known)).min();
    near.filter(|(distance, _)| *distance <= 3)
        .map(|(_, known)| known)
}

/// That a Region of that name is not known, and which may be meant. Sentences.
pub fn unknown(name: &str) -> String {
    let meant = nearest(name).map(|meant| format!(" Is {meant} meant?"));
    format!("{name} is not the name of a Region.{}", meant.unwrap_or_default())
}

/// How many letters must be inserted, removed or replaced (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, with) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *with);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_region_is_written_like_one() {
        let pattern = regex::Regex::new(PATTERN).expect("a pattern");
        assert!(KNOWN.iter().all(|name| pattern.is_match(name)));
        for wrong in ["eu-central", "EU-central-1", "eu-central-1a", "", "eu-central-1 "] {
            assert!(!pattern.is_match(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_misspelt_region_is_told_from_a_known_one() {
        assert!(is_known("eusc-de-east-1") && !is_known("eu-centrl-1"));
        assert_eq!(nearest("eu-centrl-1"), Some("eu-central-1"));
        assert_eq!(nearest("mars-north-1"), None);
    }
}
