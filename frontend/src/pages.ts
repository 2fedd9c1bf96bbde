import "./styles/pages.css";
import { confirmFirst } from "./pages/confirm";
import { offerCopies } from "./pages/copies";
import { acceptDrops } from "./pages/drops";
import { followJobs } from "./pages/jobs";
import { followProgress } from "./pages/progress";
import { showUploads } from "./pages/uploads";

/* The pages work without any of this; each part makes one thing more comfortable. */
followJobs(document);
followProgress(document);
offerCopies(document);
acceptDrops(document);
showUploads(document);
confirmFirst(document);
