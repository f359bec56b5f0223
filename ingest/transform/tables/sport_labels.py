"""Guesses the API's ``sport_type`` from a label in a language whose exports nobody has seen.

The words are what speakers call the sports, and what other apps write; what Strava writes in these
languages is not known. So a guess counts only if neither the label is known
(``ingest.transform.tables.sports``) nor the device file tells the sport, and it is marked as a
guess.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from ingest.transform.tables.names import squeeze
from ingest.transform.tables.sports import sport_type

#: Sport -> labels, in the order: Danish, Norwegian, Swedish / Portuguese, Italian, Romanian /
#: Polish, Czech, Slovak / Russian, Ukrainian / Hungarian, Turkish, Greek, Finnish / Indonesian,
#: Vietnamese, Thai, Hebrew / Japanese, Korean, Chinese of both.
_WORDS: Final = {
    "Run": """løb, løbetur, løping, løpetur, løpeøkt, löpning, löprunda, löptur, löppass / corrida,
        corsa, alergare / bieganie, bieg, běh, beh / бег, пробежка, забег, біг, пробіжка / futás,
        koşu, koşma, τρέξιμο, δρόμος, juoksu, juoksulenkki / lari, berlari, chạy, chạy bộ, วิ่ง,
        การวิ่ง, ריצה / ラン, ランニング, 달리기, 러닝, 跑步""",
    "TrailRun": """trailløb, terrengløp, terrängløb, terränglöpning, traillöpning / corrida em
        trilha, corrida de trilha, trail running, corsa in montagna, alergare montană / bieganie w
        terenie, bieg terenowy, bieg przełajowy, trailový běh, trailový beh / трейлраннинг, трейл,
        трейл-бег, трейлранінг, трейл-біг / terepfutás, patika koşusu, arazi koşusu, polkujuoksu /
        lari trail, lari lintas alam, chạy địa hình, chạy trail, วิ่งเทรล, ריצת שטח / トレイルラン,
        トレイルランニング, 트레일 러닝, 트레일 달리기, 越野跑, 越野跑步""",
    "Ride": """cykling, cykeltur, sykling, sykkeltur, cykelrunda, cykelpass / pedalada, ciclismo,
        volta de bicicleta, passeio de bicicleta, giro in bici, giro in bicicletta, uscita in bici,
        pedalata, bicicletta, ciclism, tură cu bicicleta, plimbare cu bicicleta / jazda na rowerze,
        jazda rowerem, kolarstwo, przejażdżka rowerowa, przejazd rowerem, rower, jízda na kole,
        cyklistika, kolo, jazda na bicykli, bicyklovanie / велосипед, велозаезд, поездка на
        велосипеде, велопрогулка, велоспорт, їзда на велосипеді, велопоїздка / kerékpározás,
        biciklizés, kerékpár, bisiklet, bisiklet sürüşü, bisiklete binme, ποδηλασία, ποδήλατο,
        pyöräily, pyörälenkki / bersepeda, sepeda, đạp xe, xe đạp, chạy xe đạp, ปั่นจักรยาน,
        การปั่นจักรยาน, ขี่จักรยาน, רכיבה, רכיבה על אופניים, רכיבת אופניים / ライド, サイクリング,
        自転車, 라이딩, 자전거, 자전거 타기, 사이클링, 骑行, 骑车, 自行车, 騎乘, 騎行, 騎車,
        自行車, 單車""",
    "VirtualRide": """virtuel cykling, virtuel cykeltur, virtuell sykling, virtuell sykkeltur,
        virtuell cykling, virtuell cykeltur / pedalada virtual, ciclismo virtual, ciclismo
        virtuale, giro virtuale, pedalata virtuale, ciclism virtual / wirtualna jazda, wirtualna
        jazda na rowerze, jazda wirtualna, virtuální jízda, virtuální jízda na kole, virtuálna
        jazda / виртуальный заезд, виртуальный велозаезд, віртуальний заїзд, віртуальна їзда /
        virtuális kerékpározás, sanal bisiklet, sanal sürüş, sanal bisiklet sürüşü, εικονική
        ποδηλασία, virtuaalipyöräily, virtuaaliajo / bersepeda virtual, đạp xe ảo,
        ปั่นจักรยานเสมือนจริง, רכיבה וירטואלית / バーチャルライド, 가상 라이딩, 버추얼 라이딩,
        虚拟骑行, 虛擬騎乘, 虛擬騎行""",
    "VirtualRun": """virtuelt løb, virtuell løping, virtuell løptur, virtuell löpning / corrida
        virtual, corsa virtuale, alergare virtuală / wirtualny bieg, bieg wirtualny, wirtualne
        bieganie, virtuální běh, virtuálny beh / виртуальный забег, виртуальный бег, віртуальний
        біг / virtuális futás, sanal koşu, εικονικό τρέξιμο, virtuaalijuoksu / lari virtual, chạy
        ảo, chạy bộ ảo, วิ่งเสมือนจริง, ריצה וירטואלית / バーチャルラン, 가상 달리기, 버추얼 러닝,
        虚拟跑步, 虛擬跑步""",
    "MountainBikeRide": """mountainbiketur, mountainbike, terrengsykling, mountainbikecykling /
        pedalada de mountain bike, mountain bike, mtb / jazda na rowerze górskim, kolarstwo
        górskie, jízda na horském kole, horské kolo, jazda na horskom bicykli, horský bicykel /
        горный велосипед, маунтинбайк, гірський велосипед / hegyikerékpározás, dağ bisikleti,
        ορεινή ποδηλασία, maastopyöräily / sepeda gunung, bersepeda gunung, đạp xe leo núi, xe đạp
        leo núi, จักรยานเสือภูเขา, ปั่นจักรยานเสือภูเขา, רכיבת שטח, רכיבת הרים / マウンテンバイク,
        マウンテンバイクライド, 산악 자전거, 산악자전거 라이딩, 山地骑行, 山地自行车, 登山車騎乘,
        登山車""",
    "EBikeRide": """elcykeltur, elcykel, elcykling, elsykkeltur, elsykkel, elsykling / pedalada de
        e-bike, bicicleta elétrica, giro in e-bike, e-bike, bici elettrica, bicicletă electrică /
        jazda na rowerze elektrycznym, rower elektryczny, jízda na elektrokole, elektrokolo,
        elektrobicykel / электровелосипед, электрический велосипед, електровелосипед / elektromos
        kerékpár, e-bike-ozás, elektrikli bisiklet, ηλεκτρικό ποδήλατο, sähköpyöräily, sähköpyörä /
        sepeda listrik, xe đạp điện, đạp xe điện, จักรยานไฟฟ้า, אופניים חשמליים, רכיבה חשמלית /
        e-バイク, eバイクライド, 전기 자전거, 전기 자전거 라이딩, 电动自行车, 电动自行车骑行,
        電動自行車, 電動自行車騎乘""",
    "Walk": """gåtur, gang, gåing, spasertur, promenad, gång / caminhada, camminata, passeggiata,
        mers, mers pe jos, plimbare / spacer, chód, marsz, chůze, procházka, chôdza, prechádzka /
        ходьба, прогулка, прогулянка, хода / gyaloglás, séta, yürüyüş, yürüme, περπάτημα,
        περίπατος, βάδισμα, kävely, kävelylenkki / jalan, jalan kaki, berjalan, đi bộ, เดิน,
        การเดิน, הליכה / ウォーク, ウォーキング, 散歩, 걷기, 산책, 步行, 走路, 散步, 健走""",
    "Hike": """vandring, vandretur, fottur, fjelltur / trilha, escursione, escursionismo, trekking,
        drumeție / wędrówka, piesza wędrówka, wycieczka piesza, turystyka piesza, túra, pěší
        turistika, turistika / поход, хайкинг, похід / túrázás, doğa yürüyüşü, πεζοπορία, vaellus,
        patikointi / mendaki, hiking, pendakian, đi bộ đường dài, leo núi, đi bộ leo núi, เดินป่า,
        ปีนเขา, טיול, טיול רגלי / ハイキング, ハイク, 登山, 하이킹, 등산, 徒步, 健行""",
    "Swim": """svømning, svømmetur, svømming, simning, simpass / natação, nuoto, nuotata, înot /
        pływanie, plavání, plávanie / плавание, заплыв, плавання / úszás, yüzme, κολύμβηση,
        κολύμπι, uinti / renang, berenang, bơi, bơi lội, ว่ายน้ำ, การว่ายน้ำ, שחייה, שחיה / スイム,
        スイミング, 水泳, 수영, 游泳""",
    "WeightTraining": """styrketræning, vægttræning, styrketrening, vekttrening, styrketräning,
        styrkepass / musculação, treino de força, treinamento com pesos, treino com pesos, pesi,
        allenamento con i pesi, allenamento con pesi, sollevamento pesi, allenamento di forza,
        antrenament cu greutăți, antrenament de forță / trening siłowy, trening z ciężarami,
        posilování, silový trénink, posilňovanie, silový tréning / силовая тренировка, силовые
        тренировки, тренировка с весами, силове тренування / súlyzós edzés, erősítő edzés,
        súlyzózás, ağırlık antrenmanı, ağırlık çalışması, kuvvet antrenmanı, προπόνηση με βάρη,
        βάρη, προπόνηση δύναμης, voimaharjoittelu, painoharjoittelu, kuntosali / latihan beban,
        latihan kekuatan, angkat beban, tập tạ, tập sức mạnh, เวทเทรนนิ่ง, ยกน้ำหนัก, אימון כוח,
        אימון משקולות / ウェイトトレーニング, 筋トレ, 筋力トレーニング, 웨이트 트레이닝, 근력 운동,
        重量训练, 力量训练, 重量訓練, 肌力訓練""",
    "Workout": """træning, motion, trening, treningsøkt, träning, träningspass / treino,
        treinamento, exercício, allenamento, antrenament / trening, trénink, tréning, cvičení,
        cvičenie / тренировка, тренування / edzés, antrenman, egzersiz, προπόνηση, άσκηση, treeni,
        harjoitus / latihan, olahraga, tập luyện, luyện tập, bài tập, ออกกำลังกาย, การออกกำลังกาย,
        אימון / ワークアウト, トレーニング, 운동, 体能训练, 锻炼, 训练, 體能訓練, 鍛鍊, 訓練""",
    "Yoga": "yoga, ioga, jóga, joga, йога, γιόγκα, jooga, โยคะ, יוגה, ヨガ, 요가, 瑜伽, 瑜珈",
    "Pilates": """pilates, пилатес, пілатес, πιλάτες, พิลาทิส, פילאטיס, ピラティス, 필라테스,
        普拉提, 皮拉提斯""",
    "AlpineSki": """alpint, alpinski, alpin skiløb, skiløb på bjerg, utförsåkning, slalåm / esqui
        alpino, sci alpino, schi alpin / narciarstwo alpejskie, narciarstwo zjazdowe, sjezdové
        lyžování, alpské lyžování, zjazdové lyžovanie / горные лыжи, горнолыжный спорт, гірські
        лижі / alpesi síelés, alpesi sí, alp kayağı, alp disiplini kayak, αλπικό σκι, laskettelu,
        alppihiihto / ski alpen, trượt tuyết đổ đèo, trượt tuyết núi cao, สกีอัลไพน์, סקי אלפיני /
        アルペンスキー, 알파인 스키, 高山滑雪, 阿尔卑斯滑雪""",
    "NordicSki": """langrend, langrenn, längdskidåkning, längdåkning, skidåkning / esqui nórdico,
        esqui cross-country, esqui de fundo, sci di fondo, sci nordico, schi nordic, schi fond /
        narciarstwo biegowe, narty biegowe, běžky, běh na lyžích, běžecké lyžování, bežky, bežecké
        lyžovanie, beh na lyžiach / беговые лыжи, лыжные гонки, лыжи, бігові лижі / sífutás, kros
        kayağı, kuzey disiplini kayak, σκι αντοχής, hiihto, murtomaahiihto / ski nordik, ski lintas
        alam, trượt tuyết băng đồng, trượt tuyết việt dã, สกีนอร์ดิก, סקי נורדי /
        ノルディックスキー, クロスカントリースキー, 노르딕 스키, 크로스컨트리 스키, 越野滑雪,
        北欧滑雪, 北歐滑雪""",
    "Snowboard": """snowboardkørsel, snowboardåkning, snowboarding, сноуборд, сноубординг,
        σνόουμπορντ, lumilautailu, trượt ván tuyết, สโนว์บอร์ด, סנובורד, スノーボード, 스노보드,
        单板滑雪, 滑雪板, 單板滑雪""",
    "Rowing": """roning, rodd / remo, canottaggio, canotaj, vâslit / wioślarstwo, wiosłowanie,
        veslování, veslovanie / гребля, академическая гребля, веслування / evezés, kürek, kürek
        çekme, κωπηλασία, soutu / dayung, mendayung, chèo thuyền, พายเรือ, חתירה / ローイング,
        ボート, 로잉, 조정, 划船, 赛艇""",
    "Elliptical": """crosstrainer, ellipsemaskine, ellipsemaskin / elíptico, aparelho elíptico,
        ellittica, eliptică / orbitrek, trenażer eliptyczny, eliptický trenažér, eliptický trenažér
        / эллиптический тренажер, эллипс, еліптичний тренажер / elliptikus tréner, eliptik
        bisiklet, ελλειπτικό, crosstraineri / máy tập elip, elip, เครื่องเดินวงรี, אליפטיקל /
        エリプティカル, 일립티컬, 엘립티컬, 椭圆机, 橢圓機, 滑步機""",
    "IceSkate": """skøjteløb, skøyter, skøyting, skridskoåkning, patinação no gelo, pattinaggio su
        ghiaccio, patinaj, patinaj pe gheață, łyżwiarstwo, łyżwy, bruslení, korčuľovanie, катание
        на коньках, ковзани, korcsolyázás, buz pateni, παγοδρομία, luistelu, アイススケート, 아이스
        스케이팅, 滑冰, 溜冰""",
    "InlineSkate": """rulleskøjteløb, rulleskøyter, inlines, inlineåkning, patinação inline,
        pattinaggio in linea, łyżworolki, jazda na rolkach, rolki, inline bruslení, роликовые
        коньки, ролики, роликові ковзани, görkorcsolyázás, paten, rullaluistelu,
        インラインスケート, 인라인 스케이팅, 轮滑, 直排輪""",
    "Snowshoe": """sneskovandring, trugetur, snöskovandring, raquetes de neve, ciaspole,
        ciaspolata, rakiety śnieżne, sněžnice, snežnice, снегоступы, снігоступи, hótalpazás,
        lumikenkäily, スノーシュー, 스노슈잉, 雪鞋, 雪鞋行走""",
    "RockClimbing": """klatring, klättring, escalada, escalada em rocha, arrampicata, escaladă,
        wspinaczka, wspinaczka skałkowa, lezení, lezenie, скалолазание, скелелазіння, sziklamászás,
        kaya tırmanışı, tırmanış, αναρρίχηση, kiipeily, panjat tebing, leo núi đá, ปีนผา, טיפוס,
        טיפוס צוקים, ロッククライミング, クライミング, 암벽 등반, 클라이밍, 攀岩""",
    "Kayaking": """kajak, kajakroning, kajakpadling, paddling kajak, caiaque, kayak, caiac,
        kajakarstwo, pływanie kajakiem, jízda na kajaku, каякинг, каяк, kajakozás, καγιάκ, melonta,
        chèo kayak, พายเรือคายัค, קיאקים, カヤック, 카약, 皮划艇, 皮艇, 獨木舟""",
    "Soccer": """fodbold, fotball, fotboll, futebol, calcio, fotbal, piłka nożna, futbal, футбол,
        labdarúgás, foci, futbol, ποδόσφαιρο, jalkapallo, sepak bola, bóng đá, ฟุตบอล, כדורגל,
        サッカー, 축구, 足球""",
    "Tennis": """tenis, теннис, теніс, tenisz, τένις, quần vợt, tenis lapangan, เทนนิส, טניס,
        テニス, 테니스, 网球, 網球""",
}  # fmt: skip


def _guesses() -> dict[str, str]:
    """Label -> sport; a label that means two sports in two languages is left out."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for sport, words in _WORDS.items():
        for label in words.replace("/", ",").split(","):
            found[squeeze(label)].add(sport)
    return {label: sports.pop() for label, sports in found.items() if len(sports) == 1}


_GUESSES: Final = _guesses()


@lru_cache(maxsize=1024)
def guessed_sport_type(label: str) -> str | None:
    """The API's word for a sport in the words of some language.

    ``None`` if the label is known for certain, or not known at all.
    """
    return None if sport_type(label) else _GUESSES.get(squeeze(label))


def unknown_labels(labels: Iterable[str]) -> list[tuple[str, int]]:
    """The labels that are neither known nor guessed, with their counts, the most frequent first.

    Empty labels are left out.
    """
    counts = Counter(label for label in labels if label.strip())
    unknown = Counter[str]()
    for label, count in counts.items():
        if not (sport_type(label) or guessed_sport_type(label)):
            unknown[label.strip()] += count
    return unknown.most_common()
