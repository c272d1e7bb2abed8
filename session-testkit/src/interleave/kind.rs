//! Requests as little programs.

/// One step of a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Sets the key to a value that names the request.
    Set(&'static str),
    /// Sets the key to this value.
    Put(&'static str, &'static str),
    /// Adds one.
    Update(&'static str),
    /// `take_once`; whoever comes too late answers 409 and does nothing more.
    Take(&'static str),
    Remove(&'static str),
    Clear,
    /// Flashes a message that names the request.
    Flash,
    TakeFlashes,
    Rotate,
    /// `rotate_keeping_deadlines`.
    Renew,
    Destroy,
    Save,
}

use Step::{Clear, Destroy, Flash, Put, Remove, Renew, Rotate, Save, Set, Take, TakeFlashes, Update};

macro_rules! kinds {
    ($($kind:ident $name:literal [$($step:expr),* $(,)?])*) => {
        /// What a request does, or an event that happens once. The names are those of the model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum Kind { $($kind),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Kind] = &[$(Kind::$kind),*];

            /// The name, as printed.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name),* }
            }

            pub(super) fn steps(self) -> &'static [Step] {
                match self { $(Kind::$kind => &[$($step),*]),* }
            }
        }
    };
}

kinds! {
    Read "read" []
    SetX "setx" [Set("x")]
    SetY "sety" [Set("y")]
    Count "update" [Update("n")]
    TakeOnce "take" [Take("v")]
    Empty "clear" [Clear]
    Login "login" [Rotate, Set("user")]
    Elevate "elevate" [Rotate, Put("level", "1")]
    Relogin "relogin" [Rotate, Put("user", "alice")]
    Callback "callback" [Take("v"), Rotate, Set("user")]
    RotateTake "rotate,take" [Rotate, Take("v"), Set("user")]
    Logout "logout" [Destroy]
    LogoutFlash "logout+flash" [Destroy, Flash]
    Message "flash" [Flash]
    Messages "unflash" [TakeFlashes]
    CountSaveCount "update,save,update" [Update("n"), Save, Update("n")]
    RotateSaveSet "rotate,save,set" [Rotate, Set("user"), Save, Set("x")]
    Renewal "renew" [Renew]
    RenewSet "renew,set" [Renew, Set("x")]
    PopUser "pop user" [Remove("user")]
    PopAll "pop all" [Remove("c"), Remove("n"), Remove("user"), Remove("v")]
    FirstVisit "first visit" [Set("x")]
    ForgedId "forged id" [Set("x")]
    AttackSet "att:set" [Set("user"), Set("x")]
    AttackSave "att:save" [Set("z"), Save, Set("z2")]
    AttackCount "att:update" [Update("n")]
    AttackLogin "att:login" [Rotate, Set("user")]
    AttackLogout "att:logout" [Destroy]
    Expiry "expiry" []
    MarkersExpire "markers expire" []
    Pause "15 s pass" []
}

impl Kind {
    /// Something that happens once, and no request.
    #[must_use]
    pub fn is_event(self) -> bool {
        matches!(self, Kind::Expiry | Kind::MarkersExpire | Kind::Pause)
    }

    /// A request of someone who holds the id that was live at the start, and only that.
    pub(super) fn is_attack(self) -> bool {
        self.name().starts_with("att:")
    }

    /// It changes the id, and begins a new session where that had ended or moved.
    pub(super) fn rotates(self) -> bool {
        self.steps().contains(&Rotate)
    }

    /// It changes the id.
    pub(super) fn moves(self) -> bool {
        self.rotates() || self.steps().contains(&Renew)
    }

    pub(super) fn takes(self) -> bool {
        self.steps().iter().any(|step| matches!(step, Take(_)))
    }

    pub(super) fn logs_in(self) -> bool {
        self.rotates() && self != Kind::Elevate
    }

    pub(super) fn destroys(self) -> bool {
        self.steps().contains(&Destroy)
    }

    pub(super) fn clears(self) -> bool {
        self == Kind::Empty
    }

    pub(super) fn ends(self) -> bool {
        self.destroys() || self.clears()
    }

    /// It stores something before its end.
    pub(super) fn saves(self) -> bool {
        self.steps().contains(&Save)
    }

    pub(super) fn counts(self) -> u32 {
        self.steps().iter().map(|step| u32::from(matches!(step, Update(_)))).sum()
    }

    /// It leaves a key with a value of its own, or without one.
    pub(super) fn writes(self, key: &str) -> bool {
        self.steps().iter().any(|step| match step {
            Clear => true,
            TakeFlashes => key == FLASHES,
            Set(name) | Put(name, _) | Take(name) | Remove(name) => *name == key,
            _ => false,
        })
    }
}

impl Step {
    /// What it leaves for good: the key and its value, in a request of this name.
    pub(super) fn leaves(self, name: char) -> Option<(&'static str, String)> {
        match self {
            Set(key) => Some((key, own(key, name))),
            Put(key, value) => Some((key, value.to_owned())),
            Flash => Some((FLASHES, own("flash", name))),
            _ => None,
        }
    }
}

/// Where flashed messages lie.
pub(super) const FLASHES: &str = "_flashes";

/// What a request sets a key to, or flashes: the key, and who did it.
pub(super) fn own(key: &str, name: char) -> String {
    format!("{key}:{name}")
}

use Kind::{
    AttackLogin, AttackSave, AttackSet, Callback, Count, CountSaveCount, Elevate, Empty, Expiry, FirstVisit, ForgedId,
    Login, Logout, LogoutFlash, MarkersExpire, Message, Messages, Pause, PopUser, Read, Relogin, RenewSet, Renewal,
    RotateSaveSet, RotateTake, SetX, SetY, TakeOnce,
};

/// The triples that tell most: those of the model, and a few for what only the code has.
pub const TRIPLES: &[[Kind; 3]] = &[
    [Count, Count, Count],
    [Count, Count, Login],
    [Count, Count, Logout],
    [SetX, SetY, Login],
    [Login, Login, SetX],
    [Login, Login, Logout],
    [Elevate, Elevate, Logout],
    [Login, Logout, Elevate],
    [Login, Logout, SetX],
    [Login, Logout, Login],
    [Login, PopUser, AttackSet],
    [Login, SetX, AttackSet],
    [Login, AttackLogin, AttackSet],
    [Login, Logout, AttackSave],
    [TakeOnce, TakeOnce, Login],
    [Callback, Callback, TakeOnce],
    [Logout, Logout, Login],
    [Logout, ForgedId, Login],
    [Empty, Count, Login],
    [Message, Messages, Login],
    [Message, Message, Messages],
    [Login, MarkersExpire, Logout],
    [Login, MarkersExpire, SetX],
    [Read, SetX, Expiry],
    [Count, Login, Expiry],
    [LogoutFlash, Login, SetX],
    [Relogin, Empty, AttackSet],
    [CountSaveCount, Count, Login],
    [TakeOnce, Elevate, Callback],
    [RotateSaveSet, SetX, Logout],
    [FirstVisit, Login, SetX],
    [Login, Pause, SetX],
    [Login, Pause, Login],
    [Login, Pause, Logout],
    [RotateTake, Elevate, TakeOnce],
    [Renewal, Login, SetX],
    [RenewSet, Logout, Count],
];
