//! From cookies to a session.

use std::sync::Arc;
use std::time::Duration;

use super::Report;
use super::budget::Budget;
use super::engine::Engine;
use crate::clock::Timestamp;
use crate::config::CorruptPolicy;
use crate::error::{Error, Operation, Result};
use crate::plan::Origin;
use crate::session::{Handle, Seen, Session, State};
use crate::store::{Loaded, Lookup};
use crate::token::{Locator, Token};

/// The most tokens of one request that are looked up.
const MAX_CANDIDATES: usize = 3;

/// How long after a rotation a change under the old id is refused; later the id is as unknown as any other, since that browser
/// never got the answer with the new one.
const RETIRED_REFUSES: Duration = Duration::from_secs(15);

/// Up to three tokens, the first ones first.
pub(super) type Tokens = [Option<Token>; MAX_CANDIDATES];

/// What the candidates gave.
enum Found<'t> {
    Live(Loaded, &'t Token),
    Nothing(Missed),
}

/// What was met where nothing is live.
#[derive(Default)]
struct Missed {
    retired: Option<(Locator, Timestamp)>,
    /// Why a record could not be read.
    corrupt: Option<&'static str>,
}

/// Puts a token in where it is a new one and there is room.
fn keep(tokens: &mut Tokens, token: Token) {
    let token = Some(token);
    if !tokens.contains(&token)
        && let Some(free) = tokens.iter_mut().find(|place| place.is_none())
    {
        *free = token;
    }
}

impl Engine {
    /// The distinct, well-formed tokens among a request's cookies.
    pub(super) fn tokens<'a>(&self, candidates: impl IntoIterator<Item = &'a str>) -> Tokens {
        let mut tokens = Tokens::default();
        for text in candidates {
            match self.store().parse(text) {
                Some(token) => keep(&mut tokens, token),
                None => self.counters().malformed.add_one(),
            }
        }
        tokens
    }

    pub(super) fn fresh(engine: &Arc<Self>) -> Session {
        let base = Arc::new(engine.blank(engine.store().codec()));
        let state = State::new(Origin::NoToken, None, base);
        Session::new(Handle::new(Arc::clone(engine), state, engine.budget(), Report::default()))
    }

    #[allow(clippy::manual_async_fn)]
    pub(super) fn open(engine: &Arc<Self>, tokens: Tokens) -> impl Future<Output = Result<Session>> + Send {
        // An `async fn` would hold the tokens twice.
        async move {
            if tokens[0].is_none() {
                return Ok(Self::fresh(engine));
            }
            let (mut budget, mut store_calls) = (engine.budget(), 0);
            let state = match engine.find(&tokens, &mut budget, &mut store_calls).await? {
                Found::Live(loaded, token) => engine.found_state(loaded, token),
                Found::Nothing(missed) => engine.state_without(missed)?,
            };
            let report = Report { store_calls, ..Report::default() };
            Ok(Session::new(Handle::new(Arc::clone(engine), state, budget, report)))
        }
    }

    async fn find<'t>(&self, tokens: &'t Tokens, budget: &mut Budget, calls: &mut u32) -> Result<Found<'t>> {
        let mut missed = Missed::default();
        for token in tokens.iter().flatten() {
            *calls += 1;
            match budget.spend(Operation::Get, self.store().load(token)).await {
                Ok(Lookup::Live(loaded)) if !self.has_outlived(&loaded) => return Ok(Found::Live(loaded, token)),
                Ok(Lookup::Live(_)) => {}
                Ok(Lookup::Retired { at, since, .. }) => drop(missed.retired.get_or_insert((at, since))),
                Ok(Lookup::Absent) => {}
                Err(Error::Corrupt { reason }) => drop(missed.corrupt.get_or_insert(reason)),
                Err(error) => return Err(error),
            }
        }
        Ok(Found::Nothing(missed))
    }

    fn found_state(&self, loaded: Loaded, token: &Token) -> State {
        let token = self.config().compatibility.is_flask().then(|| token.clone());
        State { token, ..self.live_state(loaded) }
    }

    /// The state of a request whose candidates opened nothing.
    fn state_without(&self, missed: Missed) -> Result<State> {
        if let Some(reason) = missed.corrupt
            && self.config().corrupt == CorruptPolicy::Refuse
        {
            return Err(Error::Corrupt { reason });
        }
        let blank = Arc::new(self.blank(self.store().codec()));
        match missed.retired {
            Some((at, since)) => {
                self.counters().retired.add_one();
                let recent = self.now().since(since) < RETIRED_REFUSES;
                let origin = if recent { Origin::Retired } else { Origin::Absent };
                Ok(State::new(origin, Some(at), blank))
            }
            None => {
                self.counters().unknown.add_one();
                Ok(State::new(Origin::Absent, None, blank))
            }
        }
    }

    /// Whether a session that another library wrote, without an end, is past the one that it gets here.
    fn has_outlived(&self, loaded: &Loaded) -> bool {
        let life = loaded.record.life();
        life.absolute == Timestamp::MAX && self.new_life(life.created).absolute <= self.now()
    }

    /// The state that a loaded record gives.
    pub(super) fn live_state(&self, loaded: Loaded) -> State {
        let Loaded { mut record, version, deadline, at } = loaded;
        let life = record.life();
        if life.absolute == Timestamp::MAX {
            // Written by another library: its absolute life begins with what we know of it.
            record.set_life(self.new_life(life.created));
        }
        let mut state = State::new(Origin::Live, Some(at), Arc::new(record));
        state.seen = Some(Seen { version, deadline });
        state
    }
}
