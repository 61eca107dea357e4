"""What several of the admin's pages share."""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.contrib.admin.utils import model_ngettext
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, ManyToManyField, Model
from django.db.models.deletion import CASCADE, PROTECT
from django.http import Http404, HttpRequest
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the platform writes; nobody edits history."""

    private: tuple[str, ...] = ()
    """Fields that the address of a list must not ask about: whether it is empty then tells."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        if lookup.split("__")[0] in self.private:
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class CountingDeletion(ModelAdmin):
    """Asks before deleting with how many rows go along.

    Django would list each of them by its text: the words of people's messages, for one, and
    hundreds of thousands of runs.
    """

    def get_deleted_objects(
        self, objs: Iterable[Model], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        objs = list(objs)
        goes = _related(objs, CASCADE)
        counts = {str(self.opts.verbose_name_plural): len(objs)}
        counts |= {str(model._meta.verbose_name_plural): count for model, count in goes.items()}
        blockers = _related(objs, PROTECT).items()
        protected = [f"{count} {model_ngettext(model._meta, count)}" for model, count in blockers]
        return [str(obj) for obj in objs], counts, self._lacking(objs, request), protected

    def _lacking(self, objs: list[Model], request: HttpRequest) -> set[str]:
        if all(self.has_delete_permission(request, obj) for obj in objs):
            return set()
        return {str(self.opts.verbose_name)}


class PermissionChoice(ModelAdmin):
    """Offers only the permissions that open something here, not those of Django's own tables."""

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.remote_field.model is Permission:
            shown = ContentType.objects.get_for_models(*self.admin_site._registry).values()
            permissions = Permission.objects.filter(content_type__in=shown)
            kwargs["queryset"] = permissions.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


def _related(objs: list[Model], on_delete: Any) -> dict[type[Model], int]:
    """How many rows of each model point directly at these, and what deleting does to them."""
    counts = {}
    for relation in type(objs[0])._meta.related_objects if objs else ():
        field = relation.remote_field
        if isinstance(field, ForeignKey) and relation.on_delete is on_delete:
            rows = field.model._base_manager.filter(**{f"{field.name}__in": objs})
            if count := rows.count():
                counts[field.model] = count
    return counts


class RowsOnly(ReadOnlyAdmin):
    """A list whose rows have no pages of their own."""

    list_display_links = None
    list_filter_submit = True
    actions: Any = None

    def changeform_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404

    def history_view(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Http404
