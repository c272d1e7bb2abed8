//! The setup against a table of its own and an `apt-get` that only takes notes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;

const REDIS: Tool = Tool {
    name: "redis",
    why: "a store is tested against it",
    programs: &["redis-server"],
    package: "redis-server-package",
};

const MACHINE: Machine = Machine { has_apt: true, is_root: false, has_sudo: true };

/// Takes notes of its arguments, and of what the policy says meanwhile.
const FAKE_APT: &str = r#"#!/bin/sh
echo "$DEBIAN_FRONTEND $*" >>"$NOTES/log"
cat "$NOTES/policy" >>"$NOTES/policy-seen"
case "$*" in *"$FAIL_AT"*) exit 100 ;; esac
"#;

/// A folder of one test, with the fake in it.
struct Notes(PathBuf);

impl Notes {
    fn new(test: &str) -> Self {
        let folder = env::temp_dir().join(format!("xtask-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let apt = folder.join("apt-get");
        fs::write(&apt, FAKE_APT).unwrap();
        fs::set_permissions(&apt, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// Installs with the fake, which fails where its arguments hold `fail_at`.
    fn install(&self, fail_at: &str) -> Result<()> {
        let policy = self.0.join("policy");
        let path = format!("{}:{}", self.0.display(), env::var("PATH")?);
        let mut command = installation(&[], policy.to_str().ok_or("path")?, &[REDIS]);
        command.env("NOTES", &self.0).env("FAIL_AT", fail_at);
        command.env_remove("DEBIAN_FRONTEND");
        process::run(command.env("PATH", path))
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn packages_are_installed_without_questions_and_without_services() {
    let notes = Notes::new("install");
    notes.install("nothing fails").unwrap();
    let log = notes.read("log");
    let (update, install) = log.trim().split_once('\n').unwrap();
    assert_eq!(update, "noninteractive -o DPkg::Lock::Timeout=300 update");
    let wanted = "install -y --no-install-recommends redis-server-package";
    assert_eq!(install, format!("noninteractive -o DPkg::Lock::Timeout=300 {wanted}"));
    assert_eq!(notes.read("policy-seen"), "#!/bin/sh\nexit 101\n".repeat(2));
    assert!(!notes.0.join("policy").exists(), "the policy was left behind");
}

#[test]
fn a_failed_installation_is_an_error_and_leaves_no_policy() {
    let notes = Notes::new("fails");
    assert!(notes.install("install").is_err());
    assert!(notes.read("policy-seen").contains("exit 101"));
    assert!(!notes.0.join("policy").exists());
}

#[test]
fn a_policy_of_the_machine_is_left_alone() {
    let notes = Notes::new("policy");
    fs::write(notes.0.join("policy"), "theirs").unwrap();
    notes.install("nothing fails").unwrap();
    assert_eq!(notes.read("policy"), "theirs");
}

#[test]
fn what_is_installed_is_said_with_its_reason() {
    let text = explanation(&[REDIS], &FETCHED.iter().collect::<Vec<_>>());
    for part in [REDIS.name, REDIS.why, REDIS.package, "mongod (out of the Python package"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!explanation(&[REDIS], &[]).contains("mongod"));
}

#[test]
fn sudo_is_used_where_we_are_not_root_already() {
    let root = Machine { is_root: true, ..MACHINE };
    assert_eq!(privileges(&MACHINE, &[REDIS]).unwrap(), ["sudo"]);
    assert!(privileges(&root, &[REDIS]).unwrap().is_empty());
    let command = installation(&["sudo"], POLICY, &[REDIS]);
    assert_eq!(command.get_program(), "sudo");
    assert_eq!(command.get_args().next().unwrap(), "sh");
}

#[test]
fn elsewhere_a_person_is_told_what_to_install() {
    let other = Machine { has_apt: false, ..MACHINE };
    let powerless = Machine { has_sudo: false, ..MACHINE };
    for machine in [other, powerless] {
        let error = privileges(&machine, &[REDIS]).unwrap_err().to_string();
        assert!(error.ends_with("by hand: redis"), "{error}");
    }
}

#[test]
fn it_asks_a_person_goes_on_in_ci_and_as_root_alone_and_stops_where_nobody_is() {
    assert_eq!(consent(true, false, true), Consent::Given);
    assert_eq!(consent(true, false, false), Consent::Given);
    assert_eq!(consent(false, true, false), Consent::Given);
    assert_eq!(consent(false, true, true), Consent::Ask);
    assert_eq!(consent(false, false, true), Consent::Ask);
    assert_eq!(consent(false, false, false), Consent::Impossible);
    assert!(agree(Consent::Impossible).is_err());
}

#[test]
fn only_yes_is_yes() {
    assert!(is_yes("Y\n") && is_yes(" yes "));
    assert!(!is_yes("") && !is_yes("\n") && !is_yes("yeah no"));
}

#[test]
fn what_is_still_missing_afterwards_is_an_error() {
    assert!(complete(&[]).is_ok());
    assert!(complete(&[REDIS]).unwrap_err().to_string().contains("redis"));
}
