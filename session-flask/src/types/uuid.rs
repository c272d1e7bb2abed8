use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::seen::{Seen, serialize_private};
use crate::private::Kind;
use crate::tagged;

/// `uuid.UUID`, of any version.
///
/// ```
/// use session_flask::types::Uuid;
///
/// let uuid: Uuid = "12345678-1234-5678-1234-567812345678".parse()?;
/// assert_eq!(u128::from(uuid), 0x1234_5678_1234_5678_1234_5678_1234_5678);
/// assert_eq!(uuid.to_string(), "12345678-1234-5678-1234-567812345678");
/// # Ok::<(), session_flask::types::NoUuid>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 16]);

/// The text is no UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is no UUID")]
pub struct NoUuid;

impl Serialize for Uuid {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        match output.is_human_readable() {
            true => output.collect_str(self),
            false => serialize_private(output, Kind::Uuid, &self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Uuid {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let seen = Seen::deserialize(input)?;
        if let Seen::Text(text) = &seen {
            return text.parse().map_err(de::Error::custom);
        }
        let bytes = seen.private(Kind::Uuid).and_then(|inside| inside.try_into().ok());
        bytes.map(Uuid).ok_or_else(|| de::Error::custom("no UUID"))
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", u128::from(*self));
        write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// Takes what Python's `UUID()` takes: hyphens, braces, `urn:uuid:` and capitals.
impl FromStr for Uuid {
    type Err = NoUuid;

    fn from_str(text: &str) -> Result<Self, NoUuid> {
        tagged::uuid(text).map(Uuid).ok_or(NoUuid)
    }
}

/// Big endian, as the digits are written.
impl From<[u8; 16]> for Uuid {
    fn from(bytes: [u8; 16]) -> Self {
        Uuid(bytes)
    }
}

impl From<Uuid> for [u8; 16] {
    fn from(uuid: Uuid) -> Self {
        uuid.0
    }
}

impl From<u128> for Uuid {
    fn from(number: u128) -> Self {
        Uuid(number.to_be_bytes())
    }
}

impl From<Uuid> for u128 {
    fn from(uuid: Uuid) -> Self {
        u128::from_be_bytes(uuid.0)
    }
}
