import "./styles/pages.css";
import { loadLanguage } from "./lib/i18n";
import { confirmFirst } from "./pages/confirm";
import { offerCopies } from "./pages/copies";
import { acceptDrops } from "./pages/drops";
import { followJobs } from "./pages/jobs";
import { followProgress } from "./pages/progress";
import { showUploads } from "./pages/uploads";

/* The pages work without any of this; each part makes one thing more comfortable. None waits for
   the catalog: their sentences come later than it does, and a question before a deletion must not. */
const { language, catalog } = document.body.dataset;
void loadLanguage(language, catalog);
followJobs(document);
followProgress(document);
offerCopies(document);
acceptDrops(document);
showUploads(document);
confirmFirst(document);
