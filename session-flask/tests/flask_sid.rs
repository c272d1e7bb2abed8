//! Ids: the vectors of the real library, and what becomes a key.
#![allow(clippy::unwrap_used)]

mod records_common;

use records_common::{Counts, text, unhex, vectors};
use session_core::Layout;
use session_flask::FlaskLayout;
use session_flask::sid::{self, SidSigner};

#[test]
fn flask_sid_vectors() {
    let mut counts = Counts::default();
    for vector in vectors("sid.json") {
        let (id, kind) = (text(&vector, "id"), text(&vector, "kind"));
        if kind == "shape" {
            check_shape(&vector);
            counts.add("shape");
            continue;
        }
        let signer = SidSigner::new(unhex(text(&vector, "secret_key_hex"))).unwrap();
        let unsigned = signer.unsign(text(&vector, "cookie"));
        match text(&vector, "expect") {
            "accept" => {
                assert_eq!(unsigned, vector["sid"].as_str(), "{id}");
                assert_eq!(signer.sign(text(&vector, "sid")), text(&vector, "cookie"), "{id}");
            }
            "reject" => assert_eq!(unsigned, None, "{id}: {}", vector["name"]),
            "lenient" => assert!(unsigned.is_none_or(|sid| Some(sid) == vector["sid"].as_str()), "{id}"),
            unknown => panic!("{unknown}"),
        }
        counts.add(format!("{kind} {}", text(&vector, "expect")));
    }
    assert!(counts.print("sid.json") > 50);
}

fn check_shape(vector: &serde_json::Value) {
    let characters = usize::try_from(vector["characters"].as_u64().unwrap()).unwrap();
    match vector["sid_length"].as_u64() {
        Some(bytes) => assert_eq!(sid::mint(usize::try_from(bytes).unwrap()).unwrap().len(), characters),
        None => assert!(sid::is_well_formed("3f2b8c1e-9d47-4a60-b5c8-0e1f2a3b4c5d") && characters == 36),
    }
}

/// Every id and key that the real library handed out in its runs.
#[test]
fn flask_ids_of_the_real_library_become_its_keys() {
    let mut counts = Counts::default();
    for file in ["backends_fs080.json", "backends_fs050.json", "backends_fs040.json"] {
        for vector in vectors(file) {
            let config = &vector["config"];
            let prefix = config["SESSION_KEY_PREFIX"].as_str().unwrap_or("session:");
            let mut layout = FlaskLayout::default().prefix(prefix).unwrap();
            if config["SESSION_USE_SIGNER"] == true {
                layout = layout.signer(SidSigner::new("backend vectors").unwrap());
            }
            let name = config["SESSION_COOKIE_NAME"].as_str().unwrap_or("session");
            for cookie in cookies(&vector, name) {
                let token = layout.parse(&cookie).unwrap_or_else(|| panic!("{}: {cookie}", vector["id"]));
                let key = layout.key(&token);
                assert!(key.as_str().starts_with(prefix));
                counts.add(file);
                if vector.to_string().contains(key.as_str()) {
                    counts.add(format!("{file}, in its commands"));
                }
            }
        }
    }
    assert!(counts.print("ids handed out") > 50);
}

fn cookies(vector: &serde_json::Value, name: &str) -> Vec<String> {
    let steps = vector["steps"].as_array().unwrap();
    let lines = steps.iter().flat_map(|step| step["set_cookie"].as_array().cloned().unwrap_or_default());
    let values = lines.filter_map(|line| {
        let (pair, _) = line.as_str()?.split_once(';')?;
        let value = pair.strip_prefix(name)?.strip_prefix('=')?;
        (!value.is_empty()).then(|| value.to_owned())
    });
    values.collect()
}
