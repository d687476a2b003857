//! The shape of the machine: a figure without it says nothing.

use std::fs;

/// Processors, memory and kernel, in one line.
pub(crate) fn shape() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let model =
        field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "an unknown processor".to_owned());
    let memory = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|kib| kib.split_whitespace().next()?.parse::<u64>().ok())
        .map_or_else(|| "unknown memory".to_owned(), |kib| format!("{} GiB", kib / (1024 * 1024)));
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{processors} x {model}, {memory}, Linux {}", kernel.trim())
}

fn field(text: &str, name: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read() {
        assert_eq!(field("processor\t: 0\nmodel name\t: Fast One\n", "model name").unwrap(), "Fast One");
        assert_eq!(field("", "model name"), None);
    }
}
