//! Just enough SVG: bars and lines with labelled axes, readable on light and on dark.

use std::fmt::Write;

/// Colours by peer that are told apart on white and on black, also without red and green.
const COLOURS: [&str; 6] = ["#d55e00", "#7f7f7f", "#0072b2", "#009e73", "#cc79a7", "#b8860b"];
const STYLE: &str = "<style>text{font:13px system-ui,sans-serif;fill:#444}.title{font-size:16px;font-weight:600}\
    .axis,.grid{stroke:#888}.grid{stroke-opacity:.25}.small{font-size:11px}\
    @media(prefers-color-scheme:dark){text{fill:#ccc}}</style>";

const WIDTH: f64 = 800.0;

/// A named series of values.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
}

/// What a plot says beside its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Labels<'a> {
    pub(crate) title: &'a str,
    /// What the values are, with their unit.
    pub(crate) values: &'a str,
    /// What the groups or points are, with their unit.
    pub(crate) points: &'a str,
}

/// Horizontal bars: a group for each name, a bar for each series. A value that is no number leaves its bar out.
pub(crate) fn bars(labels: Labels<'_>, groups: &[String], series: &[Series]) -> String {
    const LEFT: f64 = 190.0;
    const BAR: f64 = 15.0;
    let most = highest(series);
    let step = BAR * series.len() as f64 + 16.0;
    let (top, height) = (64.0, 64.0 + step * groups.len() as f64 + 34.0);
    let mut out = opened(height, labels);
    legend(&mut out, series);
    for (at, group) in groups.iter().enumerate() {
        let y = top + step * at as f64;
        text(&mut out, LEFT - 10.0, y + step / 2.0 - 3.0, "end", group);
        for (which, one) in series.iter().enumerate() {
            let value = one.values[at];
            if value.is_finite() {
                let (y, width) = (y + BAR * which as f64, (value / most * (WIDTH - LEFT - 80.0)).max(1.0));
                let colour = COLOURS[which % COLOURS.len()];
                let _ = write!(
                    out,
                    r#"<rect x="{LEFT}" y="{y}" width="{width:.1}" height="{}" fill="{colour}"/>"#,
                    BAR - 2.0
                );
                text(&mut out, LEFT + width + 5.0, y + 11.0, "start", &short(value));
            }
        }
    }
    text(&mut out, LEFT, height - 12.0, "start", labels.values);
    out + "</svg>\n"
}

/// Lines over named points. Both kinds of axes start at zero unless `log`, which takes powers of ten.
pub(crate) fn lines(labels: Labels<'_>, points: &[String], series: &[Series], log: bool) -> String {
    const HEIGHT: f64 = 400.0;
    let frame = Frame { left: 70.0, right: WIDTH - 30.0, top: 90.0, bottom: HEIGHT - 60.0 };
    let scale = Scale::over(series, log);
    let mut out = opened(HEIGHT, labels);
    legend(&mut out, series);
    for tick in scale.ticks() {
        let y = frame.y(scale.place(tick));
        let _ = write!(out, r#"<line class="grid" x1="{}" y1="{y:.1}" x2="{}" y2="{y:.1}"/>"#, frame.left, frame.right);
        text(&mut out, frame.left - 8.0, y + 4.0, "end", &short(tick));
    }
    for (at, point) in points.iter().enumerate() {
        text(&mut out, frame.x(at, points.len()), frame.bottom + 20.0, "middle", point);
    }
    for (which, one) in series.iter().enumerate() {
        curve(&mut out, &frame, &scale, COLOURS[which % COLOURS.len()], &one.values);
    }
    text(&mut out, (frame.left + frame.right) / 2.0, HEIGHT - 14.0, "middle", labels.points);
    text(&mut out, 16.0, 68.0, "start", labels.values);
    out + "</svg>\n"
}

fn curve(out: &mut String, frame: &Frame, scale: &Scale, colour: &str, values: &[f64]) {
    let place = |(at, value): (usize, &f64)| (frame.x(at, values.len()), frame.y(scale.place(*value)));
    let places: Vec<_> = values.iter().enumerate().filter(|(_, value)| value.is_finite()).map(place).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = write!(out, r#"<polyline fill="none" stroke="{colour}" stroke-width="2" points="{}"/>"#, path.join(" "));
    for (x, y) in places {
        let _ = write!(out, r#"<circle cx="{x:.1}" cy="{y:.1}" r="3.5" fill="{colour}"/>"#);
    }
}

/// Where the curves are drawn.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame {
    fn x(&self, at: usize, of: usize) -> f64 {
        let share = if of > 1 { at as f64 / (of - 1) as f64 } else { 0.5 };
        self.left + 20.0 + share * (self.right - self.left - 40.0)
    }

    fn y(&self, share: f64) -> f64 {
        self.bottom - share * (self.bottom - self.top)
    }
}

/// From values to shares of the height.
struct Scale {
    least: f64,
    most: f64,
    log: bool,
}

impl Scale {
    fn over(series: &[Series], log: bool) -> Self {
        let most = highest(series);
        match log {
            false => Scale { least: 0.0, most: most * 1.05, log },
            true => {
                let all = series.iter().flat_map(|one| &one.values).filter(|value| **value > 0.0);
                let least = all.copied().fold(most, f64::min);
                Scale { least: 10_f64.powf(least.log10().floor()), most: 10_f64.powf(most.log10().ceil()), log }
            }
        }
    }

    fn place(&self, value: f64) -> f64 {
        match self.log {
            false => (value - self.least) / (self.most - self.least),
            true => (value / self.least).log10() / (self.most / self.least).log10().max(1.0),
        }
    }

    fn ticks(&self) -> Vec<f64> {
        if self.log {
            let powers = |power| Some(power * 10.0).filter(|power| *power <= self.most * 1.001);
            return std::iter::successors(Some(self.least), |power| powers(*power)).collect();
        }
        let rough = self.most / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        (0..).map(|times| f64::from(times) * step).take_while(|tick| *tick <= self.most).collect()
    }
}

fn opened(height: f64, labels: Labels<'_>) -> String {
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"><title>{}</title>{STYLE}"#,
        escaped(labels.title)
    );
    let _ = write!(out, r#"<text class="title" x="16" y="24">{}</text>"#, escaped(labels.title));
    out
}

fn legend(out: &mut String, series: &[Series]) {
    let mut x = 16.0;
    for (which, one) in series.iter().enumerate() {
        let colour = COLOURS[which % COLOURS.len()];
        let _ = write!(out, r#"<rect x="{x}" y="36" width="12" height="12" fill="{colour}"/>"#);
        text(out, x + 17.0, 47.0, "start", &one.name);
        x += 40.0 + 7.2 * one.name.chars().count() as f64;
    }
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let _ = write!(out, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#, escaped(text));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn highest(series: &[Series]) -> f64 {
    let all = series.iter().flat_map(|one| &one.values).filter(|value| value.is_finite());
    all.copied().fold(f64::MIN_POSITIVE, f64::max)
}

/// A value in a few letters.
fn short(value: f64) -> String {
    match value {
        value if value >= 10_000.0 => format!("{:.0}k", value / 1e3),
        value if value >= 1_000.0 => format!("{:.1}k", value / 1e3),
        value if value >= 10.0 || value == 0.0 => format!("{value:.0}"),
        value if value >= 1.0 => trimmed(format!("{value:.2}")),
        value => trimmed(format!("{value:.3}")),
    }
}

fn trimmed(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: Labels<'static> = Labels { title: "a < b", values: "requests/s", points: "bytes" };

    fn series() -> Vec<Series> {
        vec![Series { name: "ours".into(), values: vec![10.0, f64::NAN] }]
    }

    #[test]
    fn a_missing_value_has_no_bar() {
        let plot = bars(LABELS, &["one".into(), "two".into()], &series());
        assert_eq!(plot.matches(r#"<rect x="190""#).count(), 1);
        assert!(plot.contains("a &lt; b") && plot.contains("requests/s"));
    }

    #[test]
    fn ticks_are_round_numbers_that_span_the_values() {
        let scale = Scale { least: 0.0, most: 47.0, log: false };
        assert_eq!(scale.ticks(), [0.0, 10.0, 20.0, 30.0, 40.0]);
        let scale = Scale { least: 0.1, most: 10.0, log: true };
        assert_eq!(scale.ticks(), [0.1, 1.0, 10.0]);
        assert!((scale.place(1.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([52_345.0, 1_234.0, 15.2, 1.5, 0.25, 0.0].map(short), ["52k", "1.2k", "15", "1.5", "0.25", "0"]);
    }
}
