//! Finds the regional DNS name of an endpoint by its shape.
//!
//! `DescribeVpcEndpoints` answers the regional name, one name per zone and private names, in an order that
//! AWS does not document; whoever takes the first by its index calls one zone or nothing
//! (hashicorp/terraform-provider-aws#41765).

/// The name whose first label is the endpoint's id, a dash and one more part: a zonal name has the zone after
/// it (`vpce-0123-abcd-us-east-1a.execute-api…`), a private name no id at all.
pub fn regional_name<'a>(id: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names.into_iter().find(|name| {
        let Some((label, rest)) = name.split_once('.') else {
            return false;
        };
        let Some(suffix) = label.strip_prefix(id).and_then(|rest| rest.strip_prefix('-')) else {
            return false;
        };
        !suffix.is_empty()
            && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && rest.split('.').any(|label| label == "vpce")
    })
}

/// The id of the endpoint that a name of its own begins with, regional or zonal: `vpce-0123` of
/// `vpce-0123-abcd-us-east-1a.execute-api.us-east-1.vpce.amazonaws.com`.
pub fn id_in_name(name: &str) -> Option<&str> {
    let (label, rest) = name.split_once('.')?;
    let random = label.strip_prefix("vpce-")?.find('-')?;
    let is_of_endpoint = rest.split('.').any(|label| label == "vpce");
    is_of_endpoint.then(|| &label[.."vpce-".len() + random])
}

/// The regional name among the names of one endpoint, whatever its id is.
pub fn regional_name_among<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names.into_iter().find(|name| {
        let label = name.split('.').next().unwrap_or_default();
        let id = label.rsplit_once('-').map_or("", |(id, _)| id);
        let is_id = id.strip_prefix("vpce-").is_some_and(|rest| !rest.contains('-'));
        is_id && regional_name(id, [*name]).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "vpce-0123456789abcdef0";
    const REGIONAL: &str = "vpce-0123456789abcdef0-a1b2c3d4.execute-api.us-east-1.vpce.amazonaws.com";

    #[test]
    fn the_regional_name_is_found_in_any_order() {
        let mut names = [
            "vpce-0123456789abcdef0-a1b2c3d4-us-east-1a.execute-api.us-east-1.vpce.amazonaws.com",
            "*.execute-api.us-east-1.amazonaws.com",
            REGIONAL,
            "execute-api.us-east-1.amazonaws.com",
        ];
        for _ in 0..names.len() {
            names.rotate_left(1);
            assert_eq!(regional_name(ID, names), Some(REGIONAL));
            assert_eq!(regional_name_among(names), Some(REGIONAL));
        }
    }

    #[test]
    fn a_name_of_an_endpoint_begins_with_its_id() {
        let zonal = "vpce-0123456789abcdef0-a1b2c3d4-us-east-1a.execute-api.us-east-1.vpce.amazonaws.com";
        assert_eq!([REGIONAL, zonal].map(id_in_name), [Some(ID); 2]);
        for name in [
            "api.example.com",
            "vpce-0.example.com",
            "vpce-0-a.example.com",
            "vpce-0123",
        ] {
            assert_eq!(id_in_name(name), None, "{name}");
        }
    }

    #[test]
    fn zonal_private_and_foreign_names_are_not_it() {
        for name in [
            "vpce-0123456789abcdef0-a1b2c3d4-us-east-1a.execute-api.us-east-1.vpce.amazonaws.com",
            "execute-api.us-east-1.amazonaws.com",
            "vpce-0123456789abcdef0-a1b2c3d4.execute-api.us-east-1.amazonaws.com",
            "vpce-0123456789abcdef0-.execute-api.us-east-1.vpce.amazonaws.com",
            "vpce-ffff456789abcdef0-a1b2c3d4.execute-api.us-east-1.vpce.amazonaws.com",
            "vpce-0123456789abcdef0-a1b2c3d4",
        ] {
            assert_eq!(regional_name(ID, [name]), None, "{name}");
            let is_foreign = name.starts_with("vpce-ffff");
            assert_eq!(regional_name_among([name]).is_some(), is_foreign, "{name}");
        }
    }
}
