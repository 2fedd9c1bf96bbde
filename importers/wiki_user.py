"""Who a link on a wiki leads to: pages of users, their talk pages, and their contributions."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qs, unquote, urlsplit

# Names of the namespaces "User" and "User talk" in the languages of the larger wikis; the
# English ones hold everywhere.
_USER = """
User|User talk|Benutzer|Benutzerin|Benutzer Diskussion|Benutzerin Diskussion|BD
Utilisateur|Utilisatrice|Discussion utilisateur|Discussion utilisatrice|Discussion Utilisateur
Usuario|Usuaria|Usuario discusión|Usuaria discusión|Usuario Discusión|Usuaria Discusión
Utente|Discussioni utente|Gebruiker|Overleg gebruiker|Wikipedysta|Wikipedystka
Dyskusja wikipedysty|Dyskusja wikipedystki|Użytkownik|Użytkowniczka|Dyskusja użytkownika
Dyskusja użytkowniczki|Usuário(a)|Usuário|Usuária|Utilizador|Utilizadora|Utilizador(a)
Usuário(a) Discussão|Usuário Discussão|Usuária Discussão|Utilizador Discussão
Utilizadora Discussão|Utilizador(a) Discussão|Discussão utilizador|Discussão usuário
Участник|Участница|Обсуждение участника|Обсуждение участницы|Користувач|Користувачка
Обговорення користувача|Обговорення користувачки|Удзельнік|Удзельніца|Размовы з удзельнікам
Размовы з удзельніцай|Гутаркі ўдзельніка|Гутаркі ўдзельніцы|Потребител|Потребител беседа
Корисник|Корисница|Корисничка|Разговор са корисником|Разговор са корисницом
Разговор со корисник|Разговор со корисничка|Korisnik|Korisnica|Razgovor sa korisnikom
Razgovor sa korisnicom|Razgovor s korisnikom|Razgovor s korisnicom|Suradnik|Suradnica
Razgovor sa suradnikom|Razgovor sa suradnicom|Uporabnik|Uporabnica|Uporabniški pogovor
Wikipedista|Wikipedistka|Uživatel|Uživatelka|Diskuse s wikipedistou|Diskuse s wikipedistkou
Diskuse s uživatelem|Diskuse s uživatelkou|Redaktor|Redaktorka|Diskusia s redaktorom
Diskusia s redaktorkou|Szerkesztő|Szerkesztővita|Utilizator|Utilizatoare|Discuție Utilizator
Χρήστης|Χρήστρια|Συζήτηση χρήστη|Συζήτηση χρήστριας|Kullanıcı|Kullanıcı mesaj
مستخدم|مستخدمة|نقاش المستخدم|نقاش المستخدمة|کاربر|بحث کاربر|משתמש|משתמשת|שיחת משתמש
שיחת משתמשת|بەکارھێنەر|لێدوانی بەکارھێنەر|صارف|تبادلۂ خیال صارف|利用者|利用者‐会話|利用者-会話
用户|用户讨论|用戶|用戶討論|使用者|使用者討論|用户对话|用戶對話|사용자|사용자토론|Thành viên
Thảo luận Thành viên|ผู้ใช้|คุยกับผู้ใช้|Pengguna|Pembicaraan Pengguna|Perbualan Pengguna
Användare|Användardiskussion|Bruker|Brukerdiskusjon|Brukar|Brukardiskusjon|Bruger
Brugerdiskussion|Käyttäjä|Keskustelu käyttäjästä|Kasutaja|Kasutaja arutelu|Dalībnieks
Dalībniece|Dalībnieka diskusija|Dalībnieces diskusija|Naudotojas|Naudotoja|Naudotojo aptarimas
Naudotojos aptarimas|Usuari|Usuària|Usuari Discussió|Usuària Discussió|Lankide
Lankide eztabaida|Conversa usuario|Conversa usuaria|Usuariu|Usuaria alderique|Usuariu alderique
Uzanto|Uzantino|Uzanto-Diskuto|Uzanta diskuto|Uzanto diskuto|Vikipediisto|Vikipediista diskuto
Usor|Disputatio Usoris|Defnyddiwr|Sgwrs Defnyddiwr|Notandi|Notandaspjall|Úsáideoir
Plé úsáideora|Մասնակից|Մասնակցի քննարկում|მომხმარებელი|მომხმარებლის განხილვა|İstifadəçi
İstifadəçi müzakirəsi|Қатысушы|Қатысушы талқылауы|Foydalanuvchi|Foydalanuvchi munozarasi
Кулланучы|Кулланучы бәхәсе|सदस्य|सदस्य वार्ता|सदस्य चर्चा|ব্যবহারকারী|ব্যবহারকারী আলাপ
பயனர்|பயனர் பேச்சு|வాడుకరి|వాడుకరి|వాడుకరి చర్చ|ഉപയോക്താവ്|ഉപയോക്താവിന്റെ സംവാദം
ಸದಸ್ಯ|ಸದಸ್ಯರ ಚರ್ಚೆಪುಟ|સભ્ય|સભ્યની ચર્ચા|ਵਰਤੋਂਕਾਰ|ਵਰਤੋਂਕਾਰ ਗੱਲ-ਬਾਤ|Gebruikersoverleg
Përdoruesi|Përdoruesi diskutim|Gebruikerbespreking|Metter|Bruger-diskussion
"""
_CONTRIBUTIONS = """
Contributions|Contribs|Beiträge|Contribuciones|Bijdragen|Contributi|Wkład|Contribuições
Вклад|Внесок|Уклад|Приноси|Доприноси|Doprinosi|Prispevki|Příspěvky|Príspevky|Közreműködések
Szerkesztő közreműködései|Contribuții|Συνεισφορές|Katkılar|مساهمات|مشارکت‌ها
مشارکتها|תרומות|بەشدارییەکان
投稿記録|用户贡献|用戶貢獻|使用者貢獻|贡献|貢獻|기여|Đóng góp|เรื่องที่เขียน|Kontribusi pengguna
Bidrag|Muokkaukset|Kaastöö|Devums|Įnašas|Contribucions|Ekarpenak|Contribucións|Kontribuoj
Conlationes|Cyfraniadau|Framlög|Ներդրումները|წვლილი|Fəaliyyətlər|योगदान|অবদান|Sumbangan
Kontributet|Bydraes
"""
USER = frozenset(name.casefold() for name in re.split(r"[|\n]", _USER) if name)
CONTRIBUTIONS = frozenset(name.casefold() for name in re.split(r"[|\n]", _CONTRIBUTIONS) if name)

_ARTICLE_PATH = re.compile(r"^(?:\.{1,2}/)+|^.*?/(?:wiki|w/index\.php|index\.php)/")


def title_of(href: str) -> str:
    """The title of the page that an address of a wiki leads to, with spaces; "" if to none."""
    try:
        parts = urlsplit(href.strip())
        query = parse_qs(parts.query, errors="strict") if "title=" in parts.query else {}
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return ""
    if query.get("title"):
        title = query["title"][0]
    else:
        found = _ARTICLE_PATH.match(path)
        title = path[found.end() :] if found else ""
    return " ".join(title.replace("_", " ").split()).removeprefix(":")


def user_of(title: str, namespaces: frozenset[str] = USER) -> str:
    """The user whose page, talk page or list of contributions has this title; "" for others."""
    namespace, colon, name = title.partition(":")
    name = name.strip()
    if not colon or not name:
        return ""
    if namespace.strip().casefold() not in namespaces:
        page, slash, name = name.partition("/")
        is_list = page.strip().casefold() in CONTRIBUTIONS or _is_address(name)
        if not slash or not is_list:
            return ""
    if "/" in name or not name:
        return ""
    if _is_address(name):
        return name.upper()
    return name[0].upper() + name[1:]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
