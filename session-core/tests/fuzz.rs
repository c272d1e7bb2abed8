//! The fuzz targets' function for records, bounded.
#![cfg(all(feature = "json", feature = "bincode"))]

#[allow(clippy::cast_possible_truncation, clippy::expect_used, unreachable_pub)]
#[path = "../../fuzz/src/record.rs"]
mod record;

use proptest::prelude::*;

const LEADS: [u8; 3] = [0x80, b'{', 0xc1];

/// The seeds of the corpus, each with the byte that its target puts in front.
const SEEDS: [(u8, &[u8]); 3] = [
    (0x80, include_bytes!("../../fuzz/corpus/messagepack/seed")),
    (b'{', include_bytes!("../../fuzz/corpus/json/seed")),
    (0xc1, include_bytes!("../../fuzz/corpus/bincode/seed")),
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    #[test]
    fn s70_any_bytes_are_a_record_or_corrupt(lead in prop::sample::select(LEADS.to_vec()), bytes: Vec<u8>) {
        record::any_bytes(lead, &bytes);
    }

    #[test]
    fn s70_s29_mutated_records_are_records_or_corrupt(
        seed in 0..SEEDS.len(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let (lead, seed) = SEEDS[seed];
        let mut bytes = seed.to_vec();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        record::any_bytes(lead, &bytes);
        record::any_bytes(lead, &bytes[..cut.index(bytes.len())]);
    }
}
