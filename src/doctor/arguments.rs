//! What the command was asked for.

use lexopt::prelude::*;

use crate::cli::options::{Options, told};
use crate::diagnosis::Question;
use crate::http_task::{ConnectionArn, TaskUrl, is_name};
use crate::sentence::sentence;

/// The text of `--help`.
pub const HELP: &str = "\
Shows the path from an EventBridge connection to its private API, and what is wrong with it.

Usage: terraform-provider-private doctor <connection> [options]

The connection is named by its name or its ARN. Nothing is changed and no call of the API is made: security groups, policies,
states and names are read and compared. Each finding says what was seen, why it matters, and what mends it.

Options:
  --url URL              the URL that calls name: its host, port and stage are compared with the path
  --region REGION        the Region of the connection. Default: that of the ARN, AWS_REGION, or the profile's
  --profile PROFILE      the profile of the shared configuration and credentials files. Default: AWS_PROFILE
  --format text|json|mermaid
                         a tree, JSON, or a flowchart that GitHub renders. Default: text
  --help                 this text

Exit codes: 0 nothing is wrong, as far as can be seen; 1 something is; 2 the path could not be looked at.

It calls sts:GetCallerIdentity and events:DescribeConnection, and, where it may,
vpc-lattice:GetServiceNetworkResourceAssociation, GetResourceConfiguration, GetResourceGateway,
ec2:DescribeVpcEndpoints, DescribeVpcs, DescribeSubnets and DescribeSecurityGroups. What it may not see it names.";

/// What to do.
#[derive(Debug)]
pub enum Request {
    Help,
    Run(Box<Arguments>),
}

/// What to look at, and how to show it.
#[derive(Debug)]
pub struct Arguments {
    pub question: Question,
    pub region: Option<String>,
    pub profile: Option<String>,
    pub format: Format,
}

/// How the path is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
    Mermaid,
}

/// Reads the arguments.
///
/// # Errors
/// A sentence that names what is wrong.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Request, String> {
    let mut connection = None;
    let mut read = Arguments {
        question: Question::default(),
        region: None,
        profile: None,
        format: Format::Text,
    };
    let mut options = Options::of(arguments);
    while let Some(option) = options.next()? {
        match option {
            Short('h') | Long("help") => return Ok(Request::Help),
            Long("region") => read.region = Some(options.value()?),
            Long("profile") => read.profile = Some(options.value()?),
            Long("url") => {
                let url = TaskUrl::parse(&options.value()?).map_err(|error| format!("--url: {error}."))?;
                read.question.url = Some(url);
            }
            Long("format") => {
                read.format = match options.value()?.as_str() {
                    "text" => Format::Text,
                    "json" => Format::Json,
                    "mermaid" => Format::Mermaid,
                    other => return Err(format!("--format is text, json or mermaid, not {other:?}.")),
                }
            }
            Value(second) if connection.is_some() => {
                return Err(format!(
                    "There is one connection to look at, and {second:?} is a second one."
                ));
            }
            Value(first) => connection = Some(first.string().map_err(told)?),
            other => return Err(told(other.unexpected())),
        }
    }
    let connection = connection.ok_or("Name the connection to look at, by its name or its ARN.")?;
    if connection.starts_with("arn:") {
        let arn = ConnectionArn::parse(&connection).map_err(sentence)?;
        if let Some(region) = read.region.filter(|region| *region != arn.region) {
            return Err(format!(
                "--region is {region}, and the ARN is one of {}. Leave --region out.",
                arn.region
            ));
        }
        read.question.arn = Some(connection);
        read.question.connection = arn.name;
        read.region = Some(arn.region);
    } else if is_name(&connection) {
        read.question.connection = connection;
    } else {
        return Err(format!(
            "{connection:?} is not the name of a connection: 1 to 64 letters, digits, dots, dashes and underscores."
        ));
    }
    Ok(Request::Run(Box::new(read)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Request, String> {
        parse(text.split_whitespace().map(str::to_owned))
    }

    fn run(text: &str) -> Arguments {
        match parsed(text) {
            Ok(Request::Run(arguments)) => *arguments,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_option_is_read_in_both_spellings() {
        for text in [
            "orders --url https://a.example.com/x --region eu-central-1 --profile ops --format mermaid",
            "--url=https://a.example.com/x --region=eu-central-1 --profile=ops --format=mermaid orders",
        ] {
            let read = run(text);
            assert_eq!(read.question.connection, "orders", "{text}");
            let url = read.question.url.map(|url| url.to_string());
            assert_eq!(url.as_deref(), Some("https://a.example.com/x"), "{text}");
            assert_eq!(
                (read.region.as_deref(), read.profile.as_deref(), read.format),
                (Some("eu-central-1"), Some("ops"), Format::Mermaid),
                "{text}"
            );
        }
        assert!(matches!(parsed("orders --help"), Ok(Request::Help)));
    }

    #[test]
    fn an_arn_names_connection_and_region() {
        let read = run("arn:aws:events:eu-west-1:123456789012:connection/orders/0a1b --region eu-west-1");
        assert_eq!(
            (read.question.connection.as_str(), read.region.as_deref()),
            ("orders", Some("eu-west-1"))
        );
        assert!(read.question.arn.is_some());
        let read = run("arn:aws:events:eu-west-1:123456789012:connection/orders");
        assert!(read.question.arn.is_some() && read.format == Format::Text);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, words) in [
            ("", "Name the connection"),
            ("a b", "\"b\""),
            ("a/b", "\"a/b\""),
            (
                "arn:aws:lambda:r:123456789012:function:f",
                "not that of a connection",
            ),
            (
                "arn:aws:events:eu-west-1:123456789012:connection/orders --region us-east-1",
                "--region is us-east-1, and the ARN is one of eu-west-1",
            ),
            ("orders --url", "missing argument for option '--url'"),
            ("orders --url=", "--url needs a value"),
            ("orders --url http://a.example.com", "https://"),
            ("orders --format yaml", "\"yaml\""),
            ("orders --fix", "invalid option '--fix'"),
        ] {
            let wrong = parsed(text).expect_err(text);
            assert!(wrong.contains(words), "{text}: {wrong}");
        }
    }
}
