//! The statements on Flask-Session's table: one text for all databases, and the words in which they differ.

use crate::dialect::Dialect;
use crate::statement::Statement;

/// What a database says in its own way. `{ms}` stands for milliseconds since 1970, other names as in [`Statement::new`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// Flask-Session's table, in the words of SQLAlchemy.
    pub(crate) create: &'static str,
    /// A moment.
    pub(crate) moment: &'static str,
    /// A moment that the column can hold, and no earlier one.
    pub(crate) end: &'static str,
    /// The milliseconds of `expiry`, rounded down.
    pub(crate) millis: &'static str,
    /// The later one of what is between its parentheses.
    pub(crate) later: &'static str,
    /// No bytes.
    pub(crate) nothing: &'static str,
    /// `session_id`, as its bytes.
    pub(crate) id: &'static str,
    /// The row is that of the id.
    pub(crate) this: &'static str,
    /// The row is that of the id or that of its marker.
    pub(crate) either: &'static str,
    /// There is no marker of the id.
    pub(crate) unretired: &'static str,
    /// There is no row of the new id.
    pub(crate) free: &'static str,
    /// The row holds what was seen.
    pub(crate) same: &'static str,
    /// Whether `same` compares a hash; if not, the bytes themselves, which are then read first.
    pub(crate) hashes: bool,
    /// A new row, where there is none or, unless there is `renew`, an expired one.
    pub(crate) insert: &'static str,
    /// A record in place of an expired one, where `insert` cannot write that.
    pub(crate) renew: Option<&'static str>,
    /// The marker in place of the row. Several are one transaction.
    pub(crate) retire: &'static [&'static str],
    /// The new row and the marker in place of the row.
    pub(crate) rename: &'static [&'static str],
    /// Expired rows go that stand in the way of a rename, where that cannot write over them.
    pub(crate) clear: Option<&'static str>,
    /// Expired rows go.
    pub(crate) sweep: &'static str,
    /// What the `data` column holds at most, where that is less than the library's own limit.
    pub(crate) max_payload: Option<usize>,
}

/// The marker first. No record is larger than 16 MiB; what is was planted, and is not even sent.
const GET: &str = "SELECT {nothing}, {millis}, CASE WHEN {id} = :marker THEN {id} END, \
                   CASE WHEN length(data) <= 16777216 OR data IS NULL THEN coalesce(data, {nothing}) END \
                   FROM {table} WHERE {either} AND expiry > {now} ORDER BY {id} = :marker DESC LIMIT 1";
const SWAP: &str = "UPDATE {table} SET data = :payload, expiry = {deadline} WHERE {as_seen}";
const TOUCH: &str = "UPDATE {table} SET expiry = {later}(expiry, {deadline}) WHERE {as_seen}";
const REMOVE: &str = "DELETE FROM {table} WHERE {as_seen}";
const END: &str = "DELETE FROM {table} WHERE {this} AND expiry > {now} AND {unretired}";

impl Words {
    /// A template with this database's words in it.
    fn said(&self, template: &str) -> String {
        let moment = |words: &str, milliseconds| words.replace("{ms}", milliseconds);
        template
            .replace("{as_seen}", "{this} AND {same} AND expiry > {now} AND {unretired}")
            .replace("{unretired}", self.unretired)
            .replace("{free}", self.free)
            .replace("{either}", self.either)
            .replace("{this}", self.this)
            .replace("{same}", self.same)
            .replace("{id}", self.id)
            .replace("{millis}", self.millis)
            .replace("{later}", self.later)
            .replace("{nothing}", self.nothing)
            .replace("{now}", &moment(self.moment, ":now"))
            .replace("{deadline}", &moment(self.end, ":deadline"))
            .replace("{until}", &moment(self.end, ":until"))
    }
}

/// The statements for one table, built once.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(crate) create: Statement,
    pub(crate) get: Statement,
    pub(crate) insert: Statement,
    pub(crate) renew: Option<Statement>,
    pub(crate) swap: Statement,
    pub(crate) touch: Statement,
    pub(crate) remove: Statement,
    pub(crate) end: Statement,
    pub(crate) retire: Vec<Statement>,
    pub(crate) rename: Vec<Statement>,
    pub(crate) clear: Option<Statement>,
    pub(crate) sweep: Statement,
    pub(crate) hashes: bool,
    pub(crate) max_payload: Option<usize>,
}

impl Statements {
    pub(crate) fn new<D: Dialect>(table: &str) -> Self {
        let words = D::FLASK;
        let one = |template: &str| Statement::new::<D>(&words.said(template), table);
        let all = |templates: &[&str]| templates.iter().map(|template| one(template)).collect();
        Statements {
            create: one(words.create),
            get: one(GET),
            insert: one(words.insert),
            renew: words.renew.map(one),
            swap: one(SWAP),
            touch: one(TOUCH),
            remove: one(REMOVE),
            end: one(END),
            retire: all(words.retire),
            rename: all(words.rename),
            clear: words.clear.map(one),
            sweep: one(words.sweep),
            hashes: words.hashes,
            max_payload: words.max_payload,
        }
    }
}
