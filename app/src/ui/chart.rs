//! Small pictures as SVG, drawn on the server so that they are there before any script.

use leptos::prelude::*;

use crate::ui::Tone;

/// One bar: its name, and how much of each tone it holds, from the bottom up.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    pub name: String,
    pub parts: Vec<(Tone, u32)>,
}

impl Bar {
    fn total(&self) -> u32 {
        self.parts.iter().map(|(_, count)| count).sum()
    }
}

const HEIGHT: f64 = 84.0;
const STEP: f64 = 22.0;
const WIDTH: f64 = 14.0;

/// Stacked bars. `label` says in words what the picture shows; each bar has its figures as a tip.
#[component]
pub fn Bars(#[prop(into)] label: String, bars: Vec<Bar>) -> impl IntoView {
    let most = bars.iter().map(Bar::total).max().unwrap_or_default().max(1);
    let length = bars.iter().fold(0.0, |sum, _| sum + STEP);
    let (first, last) = (bars.first().map(|bar| bar.name.clone()), bars.last().map(|bar| bar.name.clone()));
    let mut left = (STEP - WIDTH) / 2.0;
    let drawn = bars.into_iter().map(|bar| {
        let view = draw(&bar, left, most);
        left += STEP;
        view
    });
    view! {
        <div class="chart">
            <svg viewBox=format!("0 0 {length} {}", HEIGHT + 16.0) role="img" aria-label=label>
                {drawn.collect_view()}
                <line class="baseline" x1="0" x2=length.to_string() y1=HEIGHT.to_string() y2=HEIGHT.to_string()></line>
                <text x="0" y=(HEIGHT + 13.0).to_string()>{first}</text>
                <text x=length.to_string() y=(HEIGHT + 13.0).to_string() text-anchor="end">{last}</text>
            </svg>
        </div>
    }
}

fn draw(bar: &Bar, left: f64, most: u32) -> impl IntoView + use<> {
    let scale = (HEIGHT - 4.0) / f64::from(most);
    let mut top = HEIGHT;
    let parts = bar.parts.iter().filter(|(_, count)| *count > 0).map(|(tone, count)| {
        let height = f64::from(*count) * scale;
        top -= height;
        view! {
            <rect data-tone=tone.as_str() x=format!("{left:.1}") y=format!("{top:.1}") width=WIDTH.to_string()
                height=format!("{:.1}", (height - 1.0).max(1.0)) rx="1.5"></rect>
        }
    });
    let parts = parts.collect_view();
    let empty = (bar.total() == 0).then(|| {
        view! {
            <rect data-tone="none" x=format!("{left:.1}") y=(HEIGHT - 2.0).to_string() width=WIDTH.to_string()
                height="2" rx="1"></rect>
        }
    });
    view! { <g><title>{format!("{}: {}", bar.name, bar.total())}</title> {parts} {empty}</g> }
}

/// A line over a sequence, with the ground under it tinted.
#[component]
pub fn Sparkline(#[prop(into)] label: String, values: Vec<f64>) -> impl IntoView {
    let points = points(&values);
    let ground = format!("0,34 {points} 160,34");
    (values.len() > 1).then(|| {
        view! {
            <svg class="spark" viewBox="0 0 160 34" preserveAspectRatio="none" role="img" aria-label=label>
                <polygon points=ground></polygon>
                <polyline points=points></polyline>
            </svg>
        }
    })
}

fn points(values: &[f64]) -> String {
    let most = values.iter().copied().fold(f64::MIN, f64::max);
    let least = values.iter().copied().fold(f64::MAX, f64::min);
    let span = if most > least { most - least } else { 1.0 };
    let step = 160.0 / values.iter().skip(1).fold(0.0_f64, |sum, _| sum + 1.0).max(1.0);
    let mut x = 0.0;
    let mut drawn = Vec::with_capacity(values.len());
    for value in values {
        drawn.push(format!("{x:.1},{:.1}", 31.0 - (value - least) / span * 28.0));
        x += step;
    }
    drawn.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_spans_its_box_and_a_flat_one_stays_at_the_bottom() {
        assert_eq!(points(&[0.0, 10.0, 5.0]), "0.0,31.0 80.0,3.0 160.0,17.0");
        assert_eq!(points(&[4.0, 4.0]), "0.0,31.0 160.0,31.0");
        assert_eq!(points(&[]), "");
    }
}
