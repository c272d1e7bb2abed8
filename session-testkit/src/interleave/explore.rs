//! All schedules of a setting, and of many settings.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt;
use std::sync::Mutex;

use session_core::Stored;
use tokio::runtime::{Builder, Runtime};

use super::choice::{Choice, describe};
use super::judge::{Verdict, judge};
use super::property::{Limit, Property};
use super::setting::Setting;
use super::world::{World, first_record};

/// Where a schedule that is not run yet parts from those that were.
type Schedule = Vec<Choice>;

/// A broken property, with a schedule that breaks it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// What is broken.
    pub property: Property,
    /// The documented limit that excuses it, if one does.
    pub limit: Option<Limit>,
    /// Which requests broke it.
    pub setting: String,
    /// What happened, line by line.
    pub trace: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.limit.map_or_else(|| "VIOLATED".to_owned(), |limit| format!("limit ({limit})"));
        writeln!(f, "{what}: {}: {}", self.property, self.setting)?;
        self.trace.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

/// What an exploration gave.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Explored {
    /// Settings.
    pub settings: usize,
    /// Distinct states that were reached.
    pub states: usize,
    /// Schedules that were run, each from the start until its end or until a state that was seen before.
    pub schedules: usize,
    /// Schedules that were run to their end and judged.
    pub ends: usize,
    /// One finding for each property and limit, that of the shortest trace.
    pub findings: Vec<Finding>,
}

impl Explored {
    /// The findings that no limit excuses.
    pub fn violations(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.limit.is_none())
    }
}

struct Explorer<'a> {
    setting: &'a Setting,
    first: Stored,
    runtime: &'a Runtime,
    seen: HashSet<u64>,
    todo: VecDeque<Schedule>,
    /// Whether the shortest schedules come first: slower, but the first trace that is found is a shortest.
    shortest_first: bool,
    found: BTreeMap<Verdict, Schedule>,
    explored: Explored,
}

/// A runtime whose time passes only where we say so.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime needs nothing")
}

/// Runs every schedule of one setting.
#[must_use]
pub fn explore(setting: &Setting) -> Explored {
    let runtime = runtime();
    let _entered = runtime.enter();
    let mut explorer = Explorer::new(setting, &runtime);
    while let Some(schedule) = explorer.todo.pop_back() {
        explorer.run(schedule);
    }
    let violations: Vec<_> = explorer.found.keys().filter(|(_, limit)| limit.is_none()).copied().collect();
    for violation in violations {
        let shortest = Explorer::new(setting, &runtime).shortest(&violation);
        explorer.found.extend(shortest.map(|schedule| (violation, schedule)));
    }
    explorer.finish()
}

impl<'a> Explorer<'a> {
    fn new(setting: &'a Setting, runtime: &'a Runtime) -> Self {
        Explorer {
            setting,
            first: first_record(setting),
            runtime,
            seen: HashSet::new(),
            todo: VecDeque::from([Vec::new()]),
            shortest_first: false,
            found: BTreeMap::new(),
            explored: Explored { settings: 1, ..Explored::default() },
        }
    }

    /// Follows a schedule, then always the first choice; what else could be chosen is left for later.
    fn run(&mut self, mut schedule: Schedule) {
        self.explored.schedules += 1;
        let mut world = World::new(self.setting, &self.first, self.runtime);
        schedule.iter().for_each(|choice| world.apply(*choice));
        loop {
            if let Some(property) = world.broken {
                self.found.entry((property, None)).or_insert_with(|| schedule.clone());
                return;
            }
            if !self.seen.insert(world.hash()) {
                return;
            }
            let choices = world.choices();
            let Some((first, others)) = choices.split_first() else { break };
            let others = if self.shortest_first { &choices[..] } else { others };
            self.todo.extend(others.iter().map(|other| [&schedule[..], &[*other]].concat()));
            if self.shortest_first {
                return;
            }
            schedule.push(*first);
            world.apply(*first);
        }
        self.explored.ends += 1;
        for verdict in judge(&world) {
            self.found.entry(verdict).or_insert_with(|| schedule.clone());
        }
    }

    /// A shortest schedule that ends in this verdict.
    fn shortest(mut self, verdict: &Verdict) -> Option<Schedule> {
        self.shortest_first = true;
        while let Some(schedule) = self.todo.pop_front() {
            self.run(schedule);
            if let Some(found) = self.found.remove(verdict) {
                return Some(found);
            }
        }
        None
    }

    fn finish(mut self) -> Explored {
        self.explored.states = self.seen.len();
        for (verdict, schedule) in std::mem::take(&mut self.found) {
            let (property, limit) = verdict;
            let (setting, trace) = (self.setting.to_string(), self.trace(&schedule));
            self.explored.findings.push(Finding { property, limit, setting, trace });
        }
        self.explored
    }

    fn trace(&self, schedule: &[Choice]) -> Vec<String> {
        let mut world = World::new(self.setting, &self.first, self.runtime);
        let mut lines = Vec::new();
        for choice in schedule {
            world.apply(*choice);
            lines.push(describe(&world, *choice));
        }
        lines
    }
}

/// Runs every schedule of all settings, on two threads.
#[must_use]
pub fn explore_all(settings: &[Setting]) -> Explored {
    let todo = Mutex::new(settings.iter());
    let total = Mutex::new(Explored::default());
    let work = || {
        while let Some(setting) = { todo.lock().expect("nothing panics under this lock").next() } {
            let explored = explore(setting);
            total.lock().expect("nothing panics under this lock").add(explored);
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    total.into_inner().expect("nothing panics under this lock")
}

impl Explored {
    fn add(&mut self, other: Explored) {
        self.settings += other.settings;
        self.states += other.states;
        self.schedules += other.schedules;
        self.ends += other.ends;
        for finding in other.findings {
            let same = |known: &&mut Finding| known.property == finding.property && known.limit == finding.limit;
            match self.findings.iter_mut().find(same) {
                Some(known) if known.trace.len() <= finding.trace.len() => {}
                Some(known) => *known = finding,
                None => self.findings.push(finding),
            }
        }
    }
}
