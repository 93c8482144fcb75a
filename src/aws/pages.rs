//! Listings that AWS answers page by page, and that must end.

use super::api::Api;
use super::error::AwsError;

/// More pages than any account has: the largest quota is 3,000 objects, and a page has a hundred.
const PAGES: usize = 200;

/// All items of a listing. `page` asks for the page of a token, and answers its items and the token of the next one.
///
/// # Errors
/// Of the first page that fails; and where the pages do not end, or a token comes twice.
pub async fn pages<T, F>(api: Api, mut page: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, AwsError>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), AwsError>>,
{
    let mut all = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let (items, next) = page(token.clone()).await?;
        all.extend(items);
        match next.filter(|next| !next.is_empty()) {
            None => return Ok(all),
            next if next == token => {
                return Err(AwsError::unusable(
                    api,
                    "the next page has the token of the last one",
                ));
            }
            next => token = next,
        }
    }
    Err(AwsError::unusable(
        api,
        format!("the listing has more than {PAGES} pages"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: Api = Api::new("any", "ListThings");

    async fn list(next: impl Fn(Option<&str>) -> Option<String>) -> Result<Vec<String>, AwsError> {
        let page = |token: Option<String>| {
            let next = next(token.as_deref());
            async move { Ok((vec![token.unwrap_or_default()], next)) }
        };
        pages(API, page).await
    }

    #[tokio::test]
    async fn pages_are_read_to_the_last() {
        let next = |token: Option<&str>| match token {
            None => Some("a".to_owned()),
            Some("a") => Some("b".to_owned()),
            _ => Some(String::new()),
        };
        assert_eq!(list(next).await.unwrap(), ["", "a", "b"]);
    }

    #[tokio::test]
    async fn a_listing_that_does_not_end_is_an_error() {
        let same = list(|_| Some("a".to_owned())).await.unwrap_err().to_string();
        assert!(same.contains("the token of the last one"), "{same}");
        let endless = |token: Option<&str>| Some(format!("{}x", token.unwrap_or_default()));
        let endless = list(endless).await.unwrap_err().to_string();
        assert!(endless.contains("more than 200 pages"), "{endless}");
    }
}
