//! The plainest record: lines of `key=value`.

#[derive(Debug, Default)]
pub(crate) struct Record(pub(crate) String);

impl Record {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
    }

    pub(crate) fn set(&mut self, key: &str, value: &str) {
        match self.get(key) {
            Some(old) => {
                let start = old.as_ptr() as usize - self.0.as_ptr() as usize;
                self.0.replace_range(start..start + old.len(), value);
            }
            None => self.0 += &format!("{key}={value}\n"),
        }
    }
}
