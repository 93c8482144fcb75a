//! Availability zones: DescribeAvailabilityZones, and how zones are named.

use serde_json::{Value, json};

use super::describe::Filter;
use super::{dry_run, texts};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;

/// The zones of every region.
pub(super) const ZONES: [char; 6] = ['a', 'b', 'c', 'd', 'e', 'f'];

/// `use1-az2` for zone b of us-east-1: the region's parts by their first letters.
pub(super) fn zone_id(region: &str, letter: char) -> String {
    let short = region.split('-').map(|part| match part {
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        // A continent or country stays, a direction or number is its first character.
        part if part.len() == 2 => part,
        part => part.get(..1).unwrap_or_default(),
    });
    let number = ZONES.iter().position(|zone| *zone == letter).unwrap_or_default() + 1;
    format!("{}-az{number}", short.collect::<String>())
}

/// What a Region is called in full ("Regions and Zones"); none of those that are not listed here.
fn long_name(region: &str) -> Option<&'static str> {
    let listed = LONG_NAMES.iter().find(|(code, _)| *code == region);
    listed.map(|(_, name)| *name)
}

const LONG_NAMES: [(&str, &str); 34] = [
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

/// A zone as it is described.
struct Zone {
    name: String,
    id: String,
}

impl Zone {
    fn value(&self, filter: &str, region: &str) -> String {
        match filter {
            "zone-name" => self.name.clone(),
            "zone-id" => self.id.clone(),
            "region-name" => region.to_owned(),
            "group-name" => format!("{region}-zg-1"),
            "opt-in-status" => "opt-in-not-required".to_owned(),
            "zone-type" => "availability-zone".to_owned(),
            "state" => "available".to_owned(),
            // Zones of other types have parents, and messages tell of disturbances.
            _ => String::new(),
        }
    }
}

pub(super) fn describe(world: &World, input: &Value) -> Answer<Reply> {
    const FILTERS: &[&str] = &[
        "group-name",
        "message",
        "opt-in-status",
        "parent-zone-id",
        "parent-zone-name",
        "region-name",
        "state",
        "zone-id",
        "zone-name",
        "zone-type",
    ];
    let region = &world.origin.region;
    let zones = ZONES.map(|letter| Zone {
        name: format!("{region}{letter}"),
        id: zone_id(region, letter),
    });
    let (names, ids) = (texts(input, "ZoneNames"), texts(input, "ZoneIds"));
    let unknown = |given: &[&str], of: fn(&Zone) -> &str| {
        let unknown = given
            .iter()
            .find(|one| !zones.iter().any(|zone| of(zone) == **one));
        unknown.map(|one| {
            let message = format!("Invalid availability zone: [{one}]");
            ApiError::new("InvalidParameterValue", message)
        })
    };
    if let Some(error) = unknown(&names, |zone| &zone.name).or_else(|| unknown(&ids, |zone| &zone.id)) {
        return Err(error);
    }
    let filters = Filter::all(input, FILTERS)?;
    dry_run(input)?;
    let wanted = zones.iter().filter(|zone| {
        let is_named = names.contains(&zone.name.as_str()) || ids.contains(&zone.id.as_str());
        let mut filters = filters.iter();
        (is_named || names.is_empty() && ids.is_empty())
            && filters.all(|filter| filter.admits(&Tags::new(), |name| vec![zone.value(name, region)]))
    });
    let shown = wanted.map(|zone| {
        json!({
            "ZoneName": zone.name,
            "ZoneId": zone.id,
            "State": "available",
            "ZoneType": "availability-zone",
            "RegionName": region,
            "GroupName": format!("{region}-zg-1"),
            "GroupLongName": long_name(region).map(|name| format!("{name} 1")),
            "NetworkBorderGroup": region,
            "OptInStatus": "opt-in-not-required",
            "Messages": [],
        })
    });
    Ok(Reply::json(
        json!({ "AvailabilityZones": shown.collect::<Value>() }),
    ))
}

#[cfg(test)]
mod tests {
    use super::{long_name, zone_id};

    #[test]
    fn a_region_has_a_long_name_where_it_is_known() {
        assert_eq!(long_name("us-east-1"), Some("US East (N. Virginia)"));
        assert_eq!(long_name("us-iso-east-1"), None);
    }

    #[test]
    fn zones_are_numbered_as_aws_shortens_its_regions() {
        for (region, letter, expected) in [
            ("us-east-1", 'a', "use1-az1"),
            ("eu-west-3", 'b', "euw3-az2"),
            ("ap-southeast-2", 'c', "apse2-az3"),
        ] {
            assert_eq!(zone_id(region, letter), expected);
        }
    }
}
