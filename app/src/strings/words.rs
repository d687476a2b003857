//! The words for what things are doing: one per value of the closed sets of `domain`.

use domain::executions::{ExecutionStatus, FileStatus, OutcomeClass};
use domain::repositories::{Network, RepositoryStatus};
use domain::session::Role;
use domain::tasks::{Agent, Priority, TaskStatus};

strings! {
    /// Statuses, priorities, outcomes, roles.
    Words {
        draft: "Draft" | "Kladde",
        queued: "Queued" | "I kø",
        running: "Running" | "Kører",
        paused: "Paused" | "På pause",
        waiting: "Needs you" | "Venter på dig",
        completed: "Completed" | "Færdig",
        failed: "Failed" | "Fejlet",
        cancelled: "Cancelled" | "Annulleret",
        starting: "Starting" | "Starter",
        succeeded: "Succeeded" | "Lykkedes",
        low: "Low" | "Lav",
        normal: "Normal" | "Normal",
        high: "High" | "Høj",
        urgent: "Urgent" | "Haster",
        empty: "Did nothing" | "Gjorde intet",
        timed_out: "Out of time" | "Tiden udløb",
        out_of_memory: "Out of memory" | "Løb tør for hukommelse",
        killed: "Killed" | "Dræbt",
        stalled: "Stalled" | "Gik i stå",
        budget: "Out of budget" | "Budgettet er brugt",
        rate_limited: "Rate limited" | "Begrænset",
        auth: "Not authorised" | "Ikke autoriseret",
        lost: "Lost" | "Mistet",
        shell: "Shell" | "Shell",
        custom: "Custom" | "Egen",
        ready: "Ready" | "Klar",
        no_commits: "Empty" | "Tomt",
        unreachable: "Unreachable" | "Kan ikke nås",
        network_none: "No network" | "Intet netværk",
        network_full: "Internet" | "Internet",
        added: "added" | "tilføjet",
        modified: "modified" | "ændret",
        deleted: "deleted" | "slettet",
        renamed: "renamed" | "omdøbt",
        file_copied: "copied" | "kopieret",
        type_changed: "type changed" | "type ændret",
        viewer: "Viewer" | "Læser",
        member: "Member" | "Medlem",
        admin: "Admin" | "Administrator",
        owner: "Owner" | "Ejer",
        system: "System" | "System",
    }
}

impl Words {
    pub fn task_status(&self, status: TaskStatus) -> &'static str {
        match status {
            TaskStatus::Draft => self.draft,
            TaskStatus::Queued => self.queued,
            TaskStatus::Running => self.running,
            TaskStatus::Paused => self.paused,
            TaskStatus::Waiting => self.waiting,
            TaskStatus::Completed => self.completed,
            TaskStatus::Failed => self.failed,
            TaskStatus::Cancelled => self.cancelled,
        }
    }

    pub fn execution_status(&self, status: ExecutionStatus) -> &'static str {
        match status {
            ExecutionStatus::Queued => self.queued,
            ExecutionStatus::Starting => self.starting,
            ExecutionStatus::Running => self.running,
            ExecutionStatus::Paused => self.paused,
            ExecutionStatus::Waiting => self.waiting,
            ExecutionStatus::Succeeded => self.succeeded,
            ExecutionStatus::Failed => self.failed,
            ExecutionStatus::Cancelled => self.cancelled,
        }
    }

    pub fn outcome(&self, class: OutcomeClass) -> &'static str {
        match class {
            OutcomeClass::Succeeded => self.succeeded,
            OutcomeClass::Empty => self.empty,
            OutcomeClass::Failed => self.failed,
            OutcomeClass::TimedOut => self.timed_out,
            OutcomeClass::OutOfMemory => self.out_of_memory,
            OutcomeClass::Killed => self.killed,
            OutcomeClass::Stalled => self.stalled,
            OutcomeClass::Cancelled => self.cancelled,
            OutcomeClass::Budget => self.budget,
            OutcomeClass::RateLimited => self.rate_limited,
            OutcomeClass::Auth => self.auth,
            OutcomeClass::Lost => self.lost,
        }
    }

    pub fn priority(&self, priority: Priority) -> &'static str {
        match priority {
            Priority::Low => self.low,
            Priority::Normal => self.normal,
            Priority::High => self.high,
            Priority::Urgent => self.urgent,
        }
    }

    pub fn agent(&self, agent: Agent) -> &'static str {
        match agent {
            Agent::Shell => self.shell,
            Agent::Custom => self.custom,
        }
    }

    pub fn repository_status(&self, status: RepositoryStatus) -> &'static str {
        match status {
            RepositoryStatus::Ready => self.ready,
            RepositoryStatus::Empty => self.no_commits,
            RepositoryStatus::Unreachable => self.unreachable,
        }
    }

    pub fn network(&self, network: Network) -> &'static str {
        match network {
            Network::None => self.network_none,
            Network::Full => self.network_full,
        }
    }

    pub fn file_status(&self, status: FileStatus) -> &'static str {
        match status {
            FileStatus::Added => self.added,
            FileStatus::Modified => self.modified,
            FileStatus::Deleted => self.deleted,
            FileStatus::Renamed => self.renamed,
            FileStatus::Copied => self.file_copied,
            FileStatus::TypeChanged => self.type_changed,
        }
    }

    pub fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Viewer => self.viewer,
            Role::Member => self.member,
            Role::Admin => self.admin,
            Role::Owner => self.owner,
            Role::System => self.system,
        }
    }
}
