//! The causes of an error: a search through them by type, and their words.

use std::error::Error;

/// The error itself or the first of its causes that is an `E`.
pub fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.find_map(|cause| cause.downcast_ref())
}

/// The words of an error and of everything that caused it: the SDK's outermost text says only `dispatch
/// failure`.
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let mut words = words_of(error);
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_words = words_of(cause);
        if !words.ends_with(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        source = cause.source();
    }
    words
}

/// What one error says, up to the request that the SDK prints with some, such as `failed to apply endpoint … to request …`
/// (aws-smithy-runtime, `orchestrator/endpoints.rs`): body and headers hold tokens and secrets. What follows is left out
/// with it, since a body may hold whatever would end the print.
fn words_of(error: &(dyn Error + 'static)) -> String {
    /// How the print of a request, an answer or a part of them begins.
    const PRINTS: [&str; 4] = ["Request {", "Response {", "SdkBody {", "Headers {"];
    let words = error.to_string();
    match PRINTS.iter().filter_map(|print| words.find(print)).min() {
        Some(at) => format!("{}…", words[..at].trim_end_matches([' ', '`'])),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
    use aws_smithy_types::body::SdkBody;
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Told {
        words: String,
        #[source]
        source: Option<Box<Told>>,
    }

    proptest! {
        #[test]
        fn a_request_that_an_error_prints_is_not_told(
            before in "[a-z`:{} ]{0,12}",
            noise in "[\"'`{}\\\\: ]{0,12}",
            header in "[\"'`{}: ]{0,12}",
            pretty: bool,
        ) {
            const CANARY: &str = "eyJhbGciOi";
            let mut request = HttpRequest::new(SdkBody::from(format!("{noise}WebIdentityToken={CANARY}{noise}")));
            request.headers_mut().insert("x-amz-security-token", format!("{header}{CANARY}"));
            let print = if pretty { format!("{request:#?}") } else { format!("{request:?}") };
            prop_assume!(print.contains(CANARY));
            let cause = Told { words: "no scheme".to_owned(), source: None };
            let inner = Told { words: format!("{before} endpoint to request `{print}`"), source: Some(Box::new(cause)) };
            let outer = Told { words: format!("failed: {inner}: and more"), source: Some(Box::new(inner)) };
            let told = causes(&outer);
            prop_assert!(!told.contains(CANARY) && !told.contains("WebIdentityToken"), "{told}");
            prop_assert!(told.contains("endpoint to request…") && told.ends_with("no scheme"), "{told}");
        }
    }
}
