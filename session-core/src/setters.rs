//! Chained setters for `#[non_exhaustive]` structs, here and in the store crates.

/// One method a field: sets it and hands the struct back. For this workspace's crates; not a part of the API.
#[doc(hidden)]
#[macro_export]
macro_rules! setters {
    ($($(#[$doc:meta])* $field:ident: $type:ty),* $(,)?) => {
        $($(#[$doc])* #[must_use] pub fn $field(mut self, $field: $type) -> Self {
            self.$field = $field;
            self
        })*
    };
}
