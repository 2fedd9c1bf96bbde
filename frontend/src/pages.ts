import "./styles/pages.css";
import { confirmFirst } from "./pages/confirm";
import { offerCopies } from "./pages/copies";
import { acceptDrops } from "./pages/drops";
import { followJobs } from "./pages/jobs";

/* The pages work without any of this; each part makes one thing more comfortable. */
followJobs(document);
offerCopies(document);
acceptDrops(document);
confirmFirst(document);
