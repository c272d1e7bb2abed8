use super::put::put;
use super::take;
use crate::value::{DateTime, Int, Value};

fn encoded(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, value);
    out
}

fn text(length: usize) -> String {
    "x".repeat(length)
}

#[test]
fn flask_values_come_back_from_their_slices() {
    let ints = [0, 127, 128, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, i64::MAX];
    let mut values: Vec<Value> =
        ints.iter().flat_map(|&n| [n, -n, -n - 1]).map(|n| Value::Int(Int::Small(n))).collect();
    values.extend(
        ["9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775809"]
            .map(|digits| Value::Int(Int::Big(digits.into()))),
    );
    for length in [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
        values.push(Value::Str(text(length)));
        values.push(Value::Markup(text(length)));
        values.push(Value::Bytes(text(length).into()));
        values.push(Value::List(vec![Value::None; length]));
        values.push(Value::Tuple(vec![Value::Bool(true); length]));
        values.push(Value::Ext(5, text(length).into()));
    }
    values.push(Value::Uuid([7; 16]));
    values.push(Value::Float(-0.5));
    values.push(Value::DateTime(DateTime { local_micros: -1, offset: Some(0) }));
    values.push(Value::Dict(vec![(Value::None, Value::Dict(vec![])), (Value::Tuple(vec![]), Value::None)]));
    for value in values {
        let bytes = encoded(&value);
        assert!(take(&bytes).unwrap() == value, "{} of {} bytes", value.kind(), bytes.len());
        assert!(take(&bytes[..bytes.len() - 1]).is_none());
        assert!(take(&[bytes, vec![0]].concat()).is_none());
    }
}

#[test]
fn flask_tuples_and_markup_are_read_as_plain_rust_values() {
    let pair = Value::Tuple(vec![Value::Int(Int::Small(1)), Value::Markup("<b>".into())]);
    assert_eq!(encoded(&pair), b"\xdd\0\0\0\x02\x01\xdb\0\0\0\x03<b>");
    let read: (u8, String) = rmp_serde::from_slice(&encoded(&pair)).unwrap();
    assert_eq!(read, (1, "<b>".into()));
}

#[test]
fn s29_flask_slices_are_bounded() {
    assert!(take(&vec![0x91; 1_000_000]).is_none());
    assert!(take(b"\xdd\xff\xff\xff\xff").is_none());
    assert!(take(b"\xc6\xff\xff\xff\xff").is_none());
    let mut nested = vec![0xc0];
    for _ in 0..200 {
        let mut outer = Vec::new();
        put(
            &mut outer,
            &Value::Ext(crate::private::CODE, crate::private::Kind::Tuple.wrap(&[&[0x91], nested.as_slice()].concat())),
        );
        nested = outer;
    }
    assert!(take(&nested).is_none(), "extensions within extensions count, too");
}
