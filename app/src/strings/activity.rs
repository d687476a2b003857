//! What was done with a task.

use domain::activity::ActivityKind;

strings! {
    Activity {
        title: "Activity" | "Aktivitet",
        earlier: "Earlier" | "Tidligere",
        nobody: "Switchboard" | "Switchboard",
        created: "made the task" | "oprettede opgaven",
        edited: "changed" | "ændrede",
        started: "started it" | "startede den",
        retried: "ran it again" | "kørte den igen",
        paused: "paused it" | "satte den på pause",
        resumed: "let it go on" | "lod den fortsætte",
        cancelled: "cancelled it" | "annullerede den",
        ended: "the run ended:" | "kørslen sluttede:",
        asked: "the agent asked:" | "agenten spurgte:",
        approved: "approved:" | "godkendte:",
        denied: "denied:" | "afviste:",
        answered: "answered:" | "svarede på:",
        told: "spoke to the agent" | "talte til agenten",
        commented: "commented" | "kommenterede",
        published: "published:" | "udgav:",
    }
}

impl Activity {
    pub fn kind(&self, kind: ActivityKind) -> &'static str {
        match kind {
            ActivityKind::Created => self.created,
            ActivityKind::Edited => self.edited,
            ActivityKind::Started => self.started,
            ActivityKind::Retried => self.retried,
            ActivityKind::Paused => self.paused,
            ActivityKind::Resumed => self.resumed,
            ActivityKind::Cancelled => self.cancelled,
            ActivityKind::Ended => self.ended,
            ActivityKind::Asked => self.asked,
            ActivityKind::Approved => self.approved,
            ActivityKind::Denied => self.denied,
            ActivityKind::Answered => self.answered,
            ActivityKind::Told => self.told,
            ActivityKind::Commented => self.commented,
            ActivityKind::Published => self.published,
        }
    }
}
