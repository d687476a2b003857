//! An agent without a model: it does what its task's script says, a step a line, and speaks the wire that every agent
//! speaks. It is for tests alone, and no part of a released binary.
//!
//! ```text
//! say Hello                                  text to people
//! run echo hi > a.txt                        a command, with what it prints
//! approve high Delete it | rm -rf build      asks, and waits for the word
//! within 2 approve low Look                  … for two seconds at most
//! ask Which colour? | red, blue              asks with choices; `| red, *` takes other words too
//! also ask Another?                          asks and goes on; the next step that waits, waits for all
//! allowed: run rm -rf build                  only where the last word was yes
//! denied: say I leave it                     only where it was not
//! listen                                     waits for a message, and says it back
//! wait 2                                     sleeps
//! print rubbish                              a line that is no word of the wire
//! exit 3
//! ```

use agents::wire::{FromAgent, ToAgent};
use domain::asks::{Decision, Risk};
use domain::executions::Stream;
use std::collections::VecDeque;
use std::io::{BufRead, Lines, StdinLock, Write};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Begins with the task that it is given on stdin and ends with the script's exit code.
pub fn run() -> ExitCode {
    let mut agent = Scripted {
        lines: std::io::stdin().lock().lines(),
        asked: 0,
        open: 0,
        allowed: false,
        messages: VecDeque::new(),
    };
    let Some(ToAgent::Begin { script, .. }) = agent.next() else { panic!("it begins with a task") };
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(code) = agent.step(line, None) {
            return ExitCode::from(code);
        }
    }
    ExitCode::SUCCESS
}

struct Scripted {
    lines: Lines<StdinLock<'static>>,
    asked: u32,
    /// Asks without an answer.
    open: u32,
    allowed: bool,
    messages: VecDeque<String>,
}

impl Scripted {
    fn step(&mut self, line: &str, timeout: Option<i64>) -> Option<u8> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "say" => self.say(rest),
            "run" => self.run(rest),
            "approve" | "ask" => {
                self.ask(verb, rest, timeout);
                self.wait();
            }
            "within" => {
                let (seconds, rest) = rest.split_once(' ').expect("within SECONDS STEP");
                return self.step(rest, Some(seconds.parse().expect("seconds")));
            }
            "also" => {
                let (verb, rest) = rest.split_once(' ').expect("also STEP");
                self.ask(verb, rest, timeout);
            }
            "allowed:" if self.allowed => return self.step(rest, None),
            "denied:" if !self.allowed => return self.step(rest, None),
            "allowed:" | "denied:" => {}
            "listen" => self.listen(),
            "wait" => std::thread::sleep(Duration::from_secs_f64(rest.parse().expect("seconds"))),
            "print" => write(rest),
            "exit" => return Some(rest.parse().expect("an exit code")),
            _ => panic!("no step begins with {verb:?}"),
        }
        None
    }

    fn say(&mut self, text: &str) {
        tell(&FromAgent::Text { text: text.to_owned() });
    }

    fn run(&mut self, command: &str) {
        tell(&FromAgent::Tool { title: command.to_owned() });
        let output = Command::new("bash").args(["-c", command]).output().expect("bash runs");
        for (stream, bytes) in [(Stream::Stdout, output.stdout), (Stream::Stderr, output.stderr)] {
            if !bytes.is_empty() {
                tell(&FromAgent::ToolOutput { stream, text: String::from_utf8_lossy(&bytes).into_owned() });
            }
        }
        tell(&FromAgent::ToolFinished { exit_code: output.status.code().unwrap_or(-1) });
    }

    fn ask(&mut self, verb: &str, rest: &str, timeout_seconds: Option<i64>) {
        self.asked += 1;
        self.open += 1;
        let ask = format!("ask {}", self.asked);
        if verb == "approve" {
            let (risk, rest) = rest.split_once(' ').expect("approve RISK TITLE");
            let (title, detail) = parts(rest);
            let risk: Risk = risk.parse().expect("a risk");
            tell(&FromAgent::AskApproval { ask, title, detail, risk, can_remember: true, timeout_seconds });
        } else {
            let (title, choices) = parts(rest);
            let all: Vec<String> = choices.split(',').map(|choice| choice.trim().to_owned()).collect();
            let free_text = choices.is_empty() || all.iter().any(|choice| choice == "*");
            let choices = all.into_iter().filter(|choice| !choice.is_empty() && choice != "*").collect();
            let detail = String::new();
            tell(&FromAgent::AskQuestion { ask, title, detail, choices, free_text, timeout_seconds });
        }
    }

    /// Until all that was asked has its answer.
    fn wait(&mut self) {
        while self.open > 0 {
            match self.next() {
                Some(ToAgent::Decided { state, decision, note, .. }) => {
                    self.open -= 1;
                    self.allowed = matches!(decision, Some(Decision::Allow | Decision::AllowAlways));
                    let word = decision.map_or(state.as_str(), Decision::as_str);
                    let note = note.map(|note| format!(": {note}")).unwrap_or_default();
                    self.say(&format!("decided {word}{note}"));
                }
                Some(ToAgent::Answered { state, text, .. }) => {
                    self.open -= 1;
                    self.say(&format!("answered {}", text.as_deref().unwrap_or(state.as_str())));
                }
                Some(ToAgent::Message { text }) => self.messages.push_back(text),
                Some(ToAgent::Begin { .. }) => panic!("it has begun already"),
                None => panic!("nobody is there to answer"),
            }
        }
    }

    fn listen(&mut self) {
        let text = self.messages.pop_front().unwrap_or_else(|| match self.next() {
            Some(ToAgent::Message { text }) => text,
            other => panic!("not a message: {other:?}"),
        });
        self.say(&format!("heard {text}"));
    }

    fn next(&mut self) -> Option<ToAgent> {
        let line = self.lines.next()?.expect("the wire can be read");
        Some(serde_json::from_str(&line).expect("a word of the wire"))
    }
}

fn parts(text: &str) -> (String, String) {
    let (title, rest) = text.split_once('|').unwrap_or((text, ""));
    (title.trim().to_owned(), rest.trim().to_owned())
}

fn tell(what: &FromAgent) {
    write(&serde_json::to_string(what).expect("it is JSON"));
}

fn write(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the wire can be written");
}
