//! What the command was asked for.

use std::time::Duration;

use lexopt::prelude::*;

use crate::cli::options::{Options, told};

/// The text of `--help`.
pub const HELP: &str = "\
Lists what creates of this provider left behind when they were killed, and removes it.

Usage: terraform-provider-private leftovers [--remove] [options]

An apply that is killed while it creates an invocation or a path leaves objects that no state records. The next apply of the
same configuration takes them over: apply again, if you want the resource. This command is for those that are never applied
again.

Left over is what bears the tag terraform-provider-private:creating, and nothing else of its invocation or path has lost that
mark; with the connection, and its API destinations whose description says so. Kept, and told why, is what others use, what
rules target, what is too young, and what some state may record.

Options:
  --remove               remove what is left over, after a question
  --yes                  remove without a question
  --older-than DURATION  call only that left over whose newest object is older, so that nothing of a create that runs at
                         this moment is taken away: 90s, 15m, 2h. Default: 1h
  --region REGION        the Region to look at. Default: AWS_REGION, or the profile's
  --profile PROFILE      the profile of the shared configuration and credentials files. Default: AWS_PROFILE
  --format table|json    how to list. Default: table
  --help                 this text

Exit codes: 0 nothing is left over, or all of it was removed; 1 an error; 2 something is left over.

The listing calls sts:GetCallerIdentity, ec2:DescribeSecurityGroups, ec2:DescribeSecurityGroupRules,
vpc-lattice:ListResourceGateways, ListResourceConfigurations, ListTagsForResource, ListServiceNetworkResourceAssociations,
events:DescribeConnection, ListApiDestinations, DescribeApiDestination, ListEventBuses and ListRuleNamesByTarget. The removal needs what a destroy needs.";

/// How long a create may take unless its configuration says otherwise, and as long again.
const OLDER_THAN: Duration = Duration::from_secs(60 * 60);

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Request {
    Help,
    Run(Arguments),
}

/// How to list, and whether to remove.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    pub remove: bool,
    pub yes: bool,
    pub older_than: Duration,
    pub region: Option<String>,
    pub profile: Option<String>,
    pub format: Format,
}

/// How the listing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
}

/// Reads the arguments.
///
/// # Errors
/// A sentence that names what is wrong.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Request, String> {
    let mut read = Arguments {
        remove: false,
        yes: false,
        older_than: OLDER_THAN,
        region: None,
        profile: None,
        format: Format::Table,
    };
    let mut options = Options::of(arguments);
    while let Some(option) = options.next()? {
        match option {
            Short('h') | Long("help") => return Ok(Request::Help),
            Long("remove") => read.remove = true,
            Long("yes") => read.yes = true,
            Long("region") => read.region = Some(options.value()?),
            Long("profile") => read.profile = Some(options.value()?),
            Long("older-than") => read.older_than = duration(&options.value()?)?,
            Long("format") => {
                read.format = match options.value()?.as_str() {
                    "table" => Format::Table,
                    "json" => Format::Json,
                    other => return Err(format!("--format is table or json, not {other:?}.")),
                }
            }
            other => return Err(told(other.unexpected())),
        }
    }
    if read.yes && !read.remove {
        return Err("--yes says that --remove need not ask, and --remove is not given.".to_owned());
    }
    Ok(Request::Run(read))
}

/// A whole number with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong =
        || format!("--older-than is a number with its unit, such as 90s, 15m, 2h or 3d, not {text:?}.");
    let unit = text
        .strip_suffix(|letter: char| letter.is_ascii_lowercase())
        .ok_or_else(wrong)?;
    let seconds: u64 = match &text[unit.len()..] {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = unit.parse().map_err(|_| wrong())?;
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Request, String> {
        parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn every_option_is_read_in_both_spellings() {
        for text in [
            "--remove --yes --older-than 15m --region eu-central-1 --profile ops --format json",
            "--remove --yes --older-than=15m --region=eu-central-1 --profile=ops --format=json",
        ] {
            let expected = Arguments {
                remove: true,
                yes: true,
                older_than: Duration::from_secs(15 * 60),
                region: Some("eu-central-1".to_owned()),
                profile: Some("ops".to_owned()),
                format: Format::Json,
            };
            assert_eq!(parsed(text), Ok(Request::Run(expected)), "{text}");
        }
        assert_eq!(parsed("--remove --help"), Ok(Request::Help));
    }

    #[test]
    fn without_options_nothing_is_removed() {
        let Ok(Request::Run(read)) = parsed("") else {
            panic!("it lists");
        };
        assert!(!read.remove && !read.yes);
        assert_eq!((read.older_than, read.format), (OLDER_THAN, Format::Table));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, words) in [
            ("--rmove", "invalid option '--rmove'"),
            ("remove", "\"remove\""),
            ("--yes", "--remove is not given"),
            ("--remove=no", "unexpected argument for option '--remove'"),
            ("--region", "missing argument for option '--region'"),
            ("--region=", "--region needs a value"),
            ("--format yaml", "\"yaml\""),
            ("--older-than 5", "\"5\""),
            ("--older-than h", "\"h\""),
            ("--older-than -5m", "\"-5m\""),
            ("--older-than 99999999999999999999d", "--older-than"),
            ("--older-than 9999999999999999999d", "--older-than"),
        ] {
            let wrong = parsed(text).expect_err(text);
            assert!(wrong.contains(words), "{text}: {wrong}");
        }
    }
}
