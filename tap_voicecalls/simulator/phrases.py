"""What is said in the simulated calls: short dialogues in six languages, with emoji and quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

# Pairs: what the agent says, and what the customer answers. {name} is the customer's name.
_DIALOGUES: Mapping[str, Sequence[tuple[str, str]]] = {
    "en": (
        ("Hello {name}, how can I help you today?", 'Hi, it\'s about my "premium" plan.'),
        ("Of course. Could you confirm your postcode?", "Sure: N1 9GU."),
        ("Thank you! I moved the appointment to Tuesday. 📅", "Perfect, you're a star 🌟"),
        ("Is there anything else?", "No — that's all.\nBye!"),
    ),
    "de": (
        ("Guten Tag, {name}. Was kann ich für Sie tun?", "Mein Paket heißt „Größe XL“, oder?"),
        ("Richtig. Möchten Sie den Termin ändern?", "Ja, bitte auf übermorgen 🙏"),
        ("Erledigt. Auf Wiederhören!", "Tschüss!"),
    ),
    "fr": (
        ("Bonjour {name}, que puis-je faire pour vous ?", "J'ai reçu le colis « 42 » abîmé 😕"),
        ("Je suis désolée. Un échange vous convient ?", "Oui, c'est parfait."),
        ("C'est noté, bonne journée !", "Merci, à bientôt 👋"),
    ),
    "es": (
        ("¡Hola, {name}! ¿En qué puedo ayudarle?", "Quiero cambiar mi reserva de mañana."),
        ("¿Le viene bien el jueves a las 17:30?", "Sí, ¡genial! 🎉"),
        ("Le envío la confirmación «por correo».", "Gracias, adiós."),
    ),
    "pt": (
        ("Olá, {name}! Como posso ajudar?", "A minha fatura não está certa 🤔"),
        ("Vou verificar já. É a de março?", "É, a de 'março' mesmo."),
        ("Corrigida. Até à próxima!", "Obrigado, até logo!"),
    ),
    "ja": (
        (
            "お電話ありがとうございます。{name}様、ご用件は何でしょうか。",
            "「予約」を変更したいです。",
        ),
        ("かしこまりました。明日の15時はいかがでしょうか。", "はい、お願いします🙇"),
        ("承知いたしました。失礼いたします。", "ありがとうございました。"),
    ),
}
_SUMMARIES: Mapping[str, str] = {
    "en": '{name} called about a "plan"; solved ✅',
    "de": "{name} bat um eine Terminänderung; erledigt ✅",
    "fr": "{name} a signalé un colis abîmé ; échange prévu",
    "es": "{name} cambió su reserva; sin más asuntos",
    "pt": "{name} pediu a correção da fatura; concluído",
    "ja": "{name}様の予約を変更しました。",
}
_SECONDS_A_TURN = 12


class Turn(NamedTuple):
    """One turn of a dialogue.

    Attributes:
        speaker: "agent" or "user".
        text: What the speaker says.
        seconds: Time since the start of the call.
    """

    speaker: str
    text: str
    seconds: float


def dialogue(rng: random.Random, language: str, name: str, seconds: float) -> list[Turn]:
    """Return what was said in a call.

    Args:
        rng: Decides the pauses.
        language: One of the languages of the simulated people.
        name: The customer's name, spoken by the agent.
        seconds: Duration of the call; a longer call has more turns.

    Returns:
        Turns in order, all before the end of the call.
    """
    pairs = _DIALOGUES[language][: 1 + int(seconds / (2 * _SECONDS_A_TURN))]
    said = [line for agent, user in pairs for line in (("agent", agent), ("user", user))]
    pause = seconds / (len(said) + 1)
    return [
        Turn(speaker, text.format(name=name), round(pause * (index + rng.random()), 3))
        for index, (speaker, text) in enumerate(said)
    ]


def summary(language: str, name: str) -> str:
    """Return a one-sentence summary of a call, in its language."""
    return _SUMMARIES[language].format(name=name)
