# Times of lme4 and nlme at whole fits by restricted maximum likelihood, appended to times.csv:
#
#     Rscript peers.R [FOLDER]
#
# FOLDER has design/fev_un.csv, the FEV trial, whose data are not part of this repository. Without it, it is looked for where
# tests/reference/fits.rs does, and left out if it is not there.
#
# The processor's time of a call from data frame to fit, the median of ROUNDS batches of equal calls. A fit is timed if
# its log-likelihood is that of the model that covprop fits.

suppressPackageStartupMessages({
  library(lme4)
  library(nlme)
})

ROUNDS <- 9
# Seconds of a batch; the clock ticks in milliseconds.
BATCH <- 0.4
# Of a log-likelihood.
SAME_FIT <- 1e-3

argument <- grep("^--file=", commandArgs(FALSE), value = TRUE)
here <- dirname(normalizePath(sub("^--file=", "", argument[1])))
root <- normalizePath(file.path(here, "../.."))

cpu <- grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)
machine <- function(package) {
  paste(sub(".*: ", "", cpu[1]), paste(length(cpu), "cores"),
        sub(" \\(.*", "", sub(" version", "", R.version.string)), paste(package, packageVersion(package)), sep = "; ")
}

seconds <- function(fit, calls) {
  start <- proc.time()
  for (call in seq_len(calls)) fit()
  sum((proc.time() - start)[c("user.self", "sys.self")])
}

time <- function(package, size, expected, fit) {
  found <- as.numeric(logLik(fit()))
  cat(sprintf("%s: %s log-likelihood %.4f, expected %.4f\n", size, package, found, expected))
  if (abs(found - expected) > SAME_FIT) {
    cat(size, ": ", package, " did not fit the same model and is not timed\n", sep = "")
    return(invisible())
  }
  fit()
  calls <- max(1, ceiling(BATCH / max(seconds(fit, 3) / 3, 1e-3)))
  nanoseconds <- median(replicate(ROUNDS, seconds(fit, calls) / calls)) * 1e9
  cat(sprintf("%-15s%-12s%-16s%14.0f ns\n", "fit", size, package, nanoseconds))
  file <- file.path(here, "times.csv")
  if (!file.exists(file)) cat("work,peer,size,nanoseconds,machine\n", file = file)
  cat(sprintf("fit,%s,%s,%.0f,%s\n", package, size, nanoseconds, machine(package)), file = file, append = TRUE)
}

data(sleepstudy, Dyestuff, Penicillin, package = "lme4")

time("lme4", "sleepstudy", -871.8141, function() lmer(Reaction ~ Days + (Days | Subject), sleepstudy))
time("lme4", "dyestuff", -159.8271, function() lmer(Yield ~ 1 + (1 | Batch), Dyestuff))
time("lme4", "penicillin", -165.4303, function() lmer(diameter ~ 1 + (1 | plate) + (1 | sample), Penicillin))

time("nlme", "sleepstudy", -871.8141, function() lme(Reaction ~ Days, sleepstudy, ~ Days | Subject))
time("nlme", "dyestuff", -159.8271, function() lme(Yield ~ 1, Dyestuff, ~ 1 | Batch))
# Crossed factors are blocks of one group.
Penicillin$all <- factor(1)
crossed <- list(all = pdBlocked(list(pdIdent(~ plate - 1), pdIdent(~ sample - 1))))
time("nlme", "penicillin", -165.4303, function() lme(diameter ~ 1, Penicillin, crossed))

own <- read.csv(file.path(root, "tests/data/design_subjects/sleepstudy_own_ris.csv"))
time("lme4", "sleepstudy_own_times", -563.3490, function() lmer(y ~ Days + (Days | g_Subject), own))
time("nlme", "sleepstudy_own_times", -563.3490, function() lme(y ~ Days, own, ~ Days | g_Subject))

# Subjects with 5 to 10 rows at times of their own, as benches/peers/src/subjects.rs simulates them.
simulated <- function(count) {
  drawn <- 0
  uniform <- function(n) {
    drawn <<- drawn + n
    (10000 * sin(seq(drawn - n + 1, drawn))) %% 1
  }
  normal <- function() sum(uniform(12)) - 6
  subjects <- lapply(seq_len(count) - 1, function(subject) {
    rows <- 5 + subject %% 6
    intercept <- 24 * normal()
    slope <- 6 * normal()
    t(sapply(seq_len(rows) - 1, function(i) {
      time <- i + uniform(1)
      c(subject, time, 251 + 10.5 * time + intercept + slope * time + 25 * normal())
    }))
  })
  frame <- as.data.frame(do.call(rbind, subjects))
  names(frame) <- c("subject", "time", "y")
  frame$subject <- factor(frame$subject)
  frame
}
thousand <- simulated(1000)
time("lme4", "subjects_1000", -36394.4541, function() lmer(y ~ time + (time | subject), thousand))
time("nlme", "subjects_1000", -36394.4541, function() lme(y ~ time, thousand, ~ time | subject))

folders <- c(commandArgs(TRUE), file.path(root, "tests/data"), file.path(root, "../shared/oracle"))
files <- Filter(file.exists, file.path(folders, "design/fev_un.csv"))
if (length(files) > 0) {
  fev <- read.csv(files[1])
  unstructured <- function() {
    gls(y ~ x1 + x2, fev, corSymm(form = ~ visit | g_USUBJID), varIdent(form = ~ 1 | visit), method = "REML")
  }
  time("nlme", "fev", -1833.4835, unstructured)
} else {
  cat("fev: skipped, its data are not part of this repository\n")
}
