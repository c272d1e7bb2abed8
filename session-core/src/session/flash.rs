//! Messages for the next page.

/// A message for the next page, and its category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// What kind of message: `message`, `error`, …
    pub category: String,
    /// The text.
    pub message: String,
}

impl Flash {
    pub(crate) fn new(category: impl Into<String>, message: impl Into<String>) -> Self {
        Flash { category: category.into(), message: message.into() }
    }
}

impl From<(String, String)> for Flash {
    fn from((category, message): (String, String)) -> Self {
        Flash { category, message }
    }
}
