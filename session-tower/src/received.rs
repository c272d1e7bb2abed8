//! The request's cookies as they came: bytes, split and compared here before any library trims or decodes them.
//!
//! A pair ends at `;` and nowhere else: quotes do not hide one. Only blank and tab around a pair are dropped, never a Unicode
//! space, so that no other name can pass for ours. A pair that is no UTF-8 is skipped, its neighbours are not.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// The `Cookie` lines of a request, not yet looked at. The values are shared with the request, not copied.
pub(crate) struct Received {
    first: Option<HeaderValue>,
    more: Vec<HeaderValue>,
}

impl Received {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(COOKIE).iter().cloned();
        Received { first: lines.next(), more: lines.collect() }
    }

    /// The values under a name, in their order.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let ours = self.pairs().filter(move |(other, _)| *other == name.as_bytes());
        ours.filter_map(|(_, value)| str::from_utf8(value).ok())
    }

    /// The names, in their order, duplicates included.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs().filter_map(|(name, _)| str::from_utf8(name).ok()).filter(|name| !name.is_empty())
    }

    fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let lines = self.first.iter().chain(&self.more);
        lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).filter_map(pair)
    }
}

fn pair(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = without_blanks(text);
    let at = text.iter().position(|byte| *byte == b'=')?;
    Some((&text[..at], &text[at + 1..]))
}

/// Without blanks and tabs at either end.
pub(crate) fn without_blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(lines: &[&[u8]]) -> Received {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        Received::of(&headers)
    }

    fn values(lines: &[&[u8]]) -> Vec<String> {
        received(lines).values("id").map(str::to_owned).collect()
    }

    #[test]
    fn s16_every_line_and_every_duplicate_counts_in_order() {
        assert_eq!(values(&[b"id=1; a=b; id=2", b"x=y", b"\tid=3 ;id=4"]), ["1", "2", "3", "4"]);
        assert!(values(&[]).is_empty() && values(&[b""]).is_empty());
    }

    #[test]
    fn s17_what_only_looks_like_the_name_is_not_the_name() {
        for line in [
            &b"=id=v"[..],
            b"ID=v",
            b"id =v",
            b"\xa0id=v",
            "\u{2000}id=v".as_bytes(),
            "\u{a0}id=v".as_bytes(),
            b"%69d=v",
            b"id",
            b"$Version=1; $id=v",
            b"id.=v",
        ] {
            assert!(values(&[line]).is_empty(), "{line:?}");
        }
    }

    #[test]
    fn s17_quotes_swallow_nothing() {
        assert_eq!(values(&[b"a=\"x; id=1; b=y\""]), ["1"]);
        assert_eq!(values(&[b"id=\"1\""]), ["\"1\""], "another spelling, which no store takes for the same");
        assert_eq!(values(&[b"id= 1"]), [" 1"]);
    }

    #[test]
    fn s18_a_pair_that_is_no_text_voids_itself_alone() {
        assert_eq!(values(&[b"a=\xff; id=\xfe; id=1; \xff=x"]), ["1"]);
        assert_eq!(received(&[b"\xff=x; b=\xff; =v; c=d"]).names().collect::<Vec<_>>(), ["b", "c"]);
    }
}
