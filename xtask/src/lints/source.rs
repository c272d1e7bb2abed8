//! Tells the code of a Rust file from its comments and from what its literals hold.

/// A file in two layers of the same lines and columns: what is not in a layer is a blank there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The code; of a literal only the quotes.
    pub(crate) code: String,
    /// The comments, with their slashes.
    pub(crate) comments: String,
}

impl Source {
    /// Splits the text of a file.
    pub(crate) fn read(text: &str) -> Self {
        let mut reader = Reader::new(text);
        while let Some(next) = reader.peek(0) {
            reader.token(next);
        }
        Self { code: reader.code, comments: reader.comments }
    }
}

/// Which layer a character goes to.
#[derive(Clone, Copy)]
enum Layer {
    /// The code.
    Code,
    /// The comments.
    Comment,
    /// Neither.
    Literal,
}

/// Walks over the text once.
struct Reader {
    /// The text.
    text: Vec<char>,
    /// Where we are.
    at: usize,
    /// The code so far.
    code: String,
    /// The comments so far.
    comments: String,
}

impl Reader {
    /// At the beginning of `text`.
    fn new(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            at: 0,
            code: String::with_capacity(text.len()),
            comments: String::with_capacity(text.len()),
        }
    }

    /// The character so many places ahead.
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    /// Whether the text goes on like this.
    fn is_at(&self, wanted: &str) -> bool {
        let mut wanted = wanted.chars().enumerate();
        wanted.all(|(ahead, wanted)| self.peek(ahead) == Some(wanted))
    }

    /// Moves on by `count` characters, into `layer`; line ends go to both.
    fn take(&mut self, count: usize, layer: Layer) {
        for _ in 0..count {
            let Some(next) = self.peek(0) else { return };
            let blank = if next == '\n' { '\n' } else { ' ' };
            let (code, comment) = match layer {
                Layer::Code => (next, blank),
                Layer::Comment => (blank, next),
                Layer::Literal => (blank, blank),
            };
            self.code.push(code);
            self.comments.push(comment);
            self.at += 1;
        }
    }

    /// Takes what begins here, whole.
    fn token(&mut self, next: char) {
        match next {
            '/' if self.is_at("//") => self.line_comment(),
            '/' if self.is_at("/*") => self.block_comment(),
            '"' => self.string(),
            'r' => self.raw_string(),
            '\'' => self.character(),
            _ => self.take(1, Layer::Code),
        }
    }

    /// A comment to the end of the line.
    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|next| next != '\n') {
            self.take(1, Layer::Comment);
        }
    }

    /// A comment that may hold others.
    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.text.len() {
            if self.is_at("/*") {
                depth += 1;
                self.take(2, Layer::Comment);
            } else if self.is_at("*/") {
                depth -= 1;
                self.take(2, Layer::Comment);
            } else {
                self.take(1, Layer::Comment);
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// A string in which a backslash protects the next character.
    fn string(&mut self) {
        self.take(1, Layer::Code);
        while let Some(next) = self.peek(0) {
            match next {
                '"' => return self.take(1, Layer::Code),
                '\\' => self.take(2, Layer::Literal),
                _ => self.take(1, Layer::Literal),
            }
        }
    }

    /// `r"…"`, `r#"…"#` and so on, also after `b` or `c`: the language lets no other name end right
    /// before a quote. Else the letter is one of a name.
    fn raw_string(&mut self) {
        let hashes = (1..).take_while(|&ahead| self.peek(ahead) == Some('#')).count();
        if self.peek(1 + hashes) != Some('"') {
            return self.take(1, Layer::Code);
        }
        let end = format!("\"{}", "#".repeat(hashes));
        self.take(hashes + 2, Layer::Code);
        while self.at < self.text.len() && !self.is_at(&end) {
            self.take(1, Layer::Literal);
        }
        self.take(hashes + 1, Layer::Code);
    }

    /// A character such as `'x'` or `'\n'`; else the quote begins the name of a lifetime.
    fn character(&mut self) {
        let length = match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => 1 + (2..).take_while(|&ahead| self.goes_on(ahead)).count(),
            (Some(_), Some('\'')) => 1,
            _ => return self.take(1, Layer::Code),
        };
        self.take(1, Layer::Code);
        self.take(length, Layer::Literal);
        self.take(1, Layer::Code);
    }

    /// Whether an escaped character goes on there; the one right after the backslash always does.
    fn goes_on(&self, ahead: usize) -> bool {
        let next = self.peek(ahead);
        next.is_some_and(|next| ahead == 2 || next != '\'')
    }
}

/// Whether a name can hold this character.
pub(crate) fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code without blanks, and the comments likewise.
    fn layers(text: &str) -> (String, String) {
        let Source { code, comments } = Source::read(text);
        assert_eq!(code.chars().count(), text.chars().count(), "{text}");
        assert_eq!(code.lines().count(), comments.lines().count(), "{text}");
        let dense = |layer: String| layer.split_whitespace().collect();
        (dense(code), dense(comments))
    }

    #[test]
    fn comments_are_apart_from_code() {
        assert_eq!(layers("a // b\nc"), ("ac".into(), "//b".into()));
        assert_eq!(layers("a /* b /* c */ d */ e"), ("ae".into(), "/*b/*c*/d*/".into()));
        assert_eq!(layers("a / b"), ("a/b".into(), String::new()));
    }

    #[test]
    fn literals_are_blank() {
        assert_eq!(layers(r#"f("a // b", 'c')"#).0, r#"f("",'')"#);
        assert_eq!(layers(r#"f("a\"b", '\'', '\u{41}', '"')"#).0, r#"f("",'','','')"#);
        assert_eq!(layers("f(r#\"a\"b\"#, br\"c\\\")").0, "f(r#\"\"#,br\"\")");
        assert_eq!(layers("f('\\\\', \"\\\\\") // x"), ("f('',\"\")".into(), "//x".into()));
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        assert_eq!(layers("fn f<'a>(x: &'a str)").0, "fnf<'a>(x:&'astr)");
        assert_eq!(layers("let r#type = for_r;").0, "letr#type=for_r;");
        assert_eq!(layers("'outer: loop { var\"x\" }").0, "'outer:loop{var\"\"}");
    }

    #[test]
    fn what_never_ends_ends_with_the_file() {
        for text in ["\"a", "/* a", "r#\"a\"", "'\\", "'", "r", "r#"] {
            layers(text);
        }
    }
}
