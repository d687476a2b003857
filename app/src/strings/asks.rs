//! What agents ask people, and what people say to them.

use domain::asks::{AskState, Decision, Risk};
use domain::executions::Speaker;

strings! {
    Asks {
        needs_you: "This run needs you" | "Denne kørsel mangler dig",
        approve: "Approve" | "Godkend",
        always: "Always in this run" | "Altid i denne kørsel",
        deny: "Deny" | "Afvis",
        reason: "Reason (optional)" | "Begrundelse (valgfri)",
        own_words: "Your answer" | "Dit svar",
        answer: "Answer" | "Svar",
        low: "Low risk" | "Lav risiko",
        medium: "Some risk" | "Nogen risiko",
        high: "High risk" | "Høj risiko",
        until: "Open until" | "Åben til",
        asked: "Asked and answered" | "Spurgt og svaret",
        allowed: "Approved" | "Godkendt",
        allowed_always: "Approved for this run" | "Godkendt for denne kørsel",
        denied: "Denied" | "Afvist",
        answered: "Answered" | "Besvaret",
        expired: "Nobody answered in time" | "Ingen svarede i tide",
        withdrawn: "The run ended first" | "Kørslen sluttede først",
        open: "Open" | "Åben",
        agent: "Agent" | "Agent",
        person: "You" | "Dig",
        tell: "Tell the agent" | "Sig til agenten",
        tell_hint: "It hears this before its next step." | "Den hører det før sit næste skridt.",
        told: "Sent to the agent" | "Sendt til agenten",
        send: "Send" | "Send",
        line_comments: "comments on lines" | "kommentarer til linjer",
        line_comment: "comment on a line" | "kommentar til en linje",
        send_told: "Send to the agent" | "Send til agenten",
        send_again: "Run again with them" | "Kør igen med dem",
        send_follow_up: "Make a follow-up task" | "Lav en opfølgende opgave",
        script_deaf: "A script can't listen. The comments go into a new task." | "Et script kan ikke lytte. Kommentarerne kommer i en ny opgave.",
    }
}

impl Asks {
    pub fn risk(&self, risk: Risk) -> &'static str {
        match risk {
            Risk::Low => self.low,
            Risk::Medium => self.medium,
            Risk::High => self.high,
        }
    }

    pub fn speaker(&self, role: Speaker) -> &'static str {
        match role {
            Speaker::Agent => self.agent,
            Speaker::Person => self.person,
        }
    }

    /// What became of an ask.
    pub fn came_to(&self, state: AskState, decision: Option<Decision>) -> &'static str {
        match (state, decision) {
            (AskState::Open, _) => self.open,
            (AskState::Expired, _) => self.expired,
            (AskState::Withdrawn, _) => self.withdrawn,
            (AskState::Resolved, Some(Decision::Allow)) => self.allowed,
            (AskState::Resolved, Some(Decision::AllowAlways)) => self.allowed_always,
            (AskState::Resolved, Some(Decision::Deny)) => self.denied,
            (AskState::Resolved, None) => self.answered,
        }
    }
}
